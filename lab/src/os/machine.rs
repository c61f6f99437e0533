//! What a machine says of itself, and in which words two of them differ.

/// The machine that a measurement was made on. Absent: the platform does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// `linux`, `macos`, `windows` …
    pub os: String,
    /// Processor architecture, as Rust names it (`x86_64`, `aarch64`).
    pub arch: String,
    /// Kernel version.
    pub kernel: Option<String>,
    /// The processor's model name. Clouds hide it: all their Xeons have one name.
    pub cpu: Option<String>,
    /// Who made the processor (`GenuineIntel`, `AuthenticAMD`; on ARM the implementer's name).
    pub vendor: Option<String>,
    /// The processor's family; on ARM the version of the architecture.
    pub family: Option<u32>,
    /// The processor's model within its family; on ARM its part number.
    pub model: Option<u32>,
    /// The model's revision; on ARM 16 times the variant, plus the revision.
    pub stepping: Option<u32>,
    /// The caches of the first hardware thread, from the nearest on. Empty: not told.
    pub caches: Vec<Cache>,
    /// Physical cores.
    pub cores: Option<u32>,
    /// Hardware threads this process may use.
    pub hardware_threads: u32,
    /// Main memory, in bytes.
    pub memory_bytes: Option<u64>,
    /// `true` when the processor says that it is a hypervisor's guest.
    pub virtual_machine: Option<bool>,
}

/// One cache of a processor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cache {
    /// 1 is nearest to the core.
    pub level: u32,
    /// `data`, `instruction` or `unified`.
    pub kind: String,
    /// Its size.
    pub bytes: u64,
    /// How many hardware threads share it.
    pub shared_by: u32,
}

impl Machine {
    /// In what this machine is not the `other`, in words with both values: `model 17, not
    /// 106`. What one of them does not say is no difference. The kernel and the size of main
    /// memory are not asked: an update changes the one, and a guest's the other, a little.
    pub fn differs(&self, other: &Machine) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: &str, ours: Option<String>, theirs: Option<String>| {
            if let (Some(ours), Some(theirs)) = (ours, theirs)
                && ours != theirs
            {
                found.push(format!("{what} {ours}, not {theirs}"));
            }
        };
        let number = |n: Option<u32>| n.map(|n| n.to_string());
        let yes = |b: Option<bool>| b.map(|b| if b { "yes" } else { "no" }.to_owned());
        compare("system", Some(self.os.clone()), Some(other.os.clone()));
        compare("architecture", Some(self.arch.clone()), Some(other.arch.clone()));
        compare("processor", self.cpu.clone(), other.cpu.clone());
        compare("vendor", self.vendor.clone(), other.vendor.clone());
        compare("family", number(self.family), number(other.family));
        compare("model", number(self.model), number(other.model));
        compare("stepping", number(self.stepping), number(other.stepping));
        compare("cores", number(self.cores), number(other.cores));
        let threads = |machine: &Machine| Some(machine.hardware_threads.to_string());
        compare("hardware threads", threads(self), threads(other));
        compare("virtual machine", yes(self.virtual_machine), yes(other.virtual_machine));
        if !self.caches.is_empty() && !other.caches.is_empty() {
            let mut places: Vec<(u32, &str)> = Vec::new();
            for cache in self.caches.iter().chain(&other.caches) {
                if !places.contains(&cache.place()) {
                    places.push(cache.place());
                }
            }
            for place in places {
                let words = |machine: &Machine| {
                    let cache = machine.caches.iter().find(|cache| cache.place() == place);
                    Some(cache.map_or("none".into(), Cache::size_in_words))
                };
                let what = format!("level {} {} cache", place.0, place.1);
                compare(&what, words(self), words(other));
            }
        }
        found
    }
}

impl Cache {
    fn place(&self) -> (u32, &str) {
        (self.level, &self.kind)
    }

    fn size_in_words(&self) -> String {
        let kib = self.bytes / 1024;
        let size = match kib.is_multiple_of(1024) && kib > 0 {
            true => format!("{} MiB", kib / 1024),
            false => format!("{kib} KiB"),
        };
        match self.shared_by {
            1 => size,
            threads => format!("{size} for {threads} threads"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(level: u32, kind: &str, kib: u64, shared_by: u32) -> Cache {
        Cache { level, kind: kind.into(), bytes: kib * 1024, shared_by }
    }

    fn epyc() -> Machine {
        Machine {
            os: "linux".into(),
            arch: "x86_64".into(),
            cpu: Some("AMD EPYC".into()),
            vendor: Some("AuthenticAMD".into()),
            family: Some(25),
            model: Some(17),
            stepping: Some(1),
            caches: vec![cache(1, "data", 32, 1), cache(3, "unified", 32_768, 2)],
            cores: Some(2),
            hardware_threads: 2,
            virtual_machine: Some(true),
            ..Machine::default()
        }
    }

    #[test]
    fn two_machines_differ_in_words_that_have_both_values() {
        let xeon = Machine {
            cpu: Some("Intel Xeon".into()),
            vendor: Some("GenuineIntel".into()),
            family: Some(6),
            model: Some(106),
            stepping: Some(6),
            caches: vec![cache(1, "data", 48, 2), cache(2, "unified", 1280, 2)],
            cores: Some(1),
            virtual_machine: Some(false),
            ..epyc()
        };
        assert_eq!(
            epyc().differs(&xeon),
            [
                "processor AMD EPYC, not Intel Xeon",
                "vendor AuthenticAMD, not GenuineIntel",
                "family 25, not 6",
                "model 17, not 106",
                "stepping 1, not 6",
                "cores 2, not 1",
                "virtual machine yes, not no",
                "level 1 data cache 32 KiB, not 48 KiB for 2 threads",
                "level 3 unified cache 32 MiB for 2 threads, not none",
                "level 2 unified cache none, not 1280 KiB for 2 threads",
            ]
        );
    }

    #[test]
    fn a_new_kernel_and_what_one_side_does_not_say_are_no_difference() {
        let vague = Machine {
            kernel: Some("6.19".into()),
            memory_bytes: Some(1),
            family: None,
            virtual_machine: None,
            caches: Vec::new(),
            ..epyc()
        };
        assert_eq!(epyc().differs(&vague), Vec::<String>::new());
        assert_eq!(vague.differs(&epyc()), Vec::<String>::new());
        let fewer = Machine { hardware_threads: 1, ..epyc() };
        assert_eq!(fewer.differs(&epyc()), ["hardware threads 1, not 2"]);
    }
}

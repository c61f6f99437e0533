//! Under which hypervisor this runs, as the processor tells its guests.

/// Its name; `None` on the metal, or where a guest is not told.
#[cfg(target_arch = "x86_64")]
pub(super) fn name() -> Option<String> {
    // A safe function in newer versions of Rust, and every x86_64 has the instruction.
    #[allow(unused_unsafe)]
    let ask = |leaf| {
        // SAFETY: the instruction reads nothing but its arguments and exists on x86_64.
        unsafe { std::arch::x86_64::__cpuid(leaf) }
    };
    // Bit 31 of leaf 1 is kept for hypervisors, and so are the leaves from 0x4000_0000 on.
    if ask(1).ecx >> 31 == 0 {
        return None;
    }
    let told = ask(0x4000_0000);
    let letters = [told.ebx, told.ecx, told.edx].map(u32::to_le_bytes).concat();
    // Many a Windows runs over Hyper-V itself. It may create guests and is none.
    if letters == b"Microsoft Hv" && ask(0x4000_0003).ebx & 1 == 1 {
        return None;
    }
    known_as(&letters)
}

/// Elsewhere the processor has no word for it.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn name() -> Option<String> {
    None
}

/// A name for the twelve letters by which a hypervisor signs.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
fn known_as(letters: &[u8]) -> Option<String> {
    let letters = String::from_utf8_lossy(letters);
    let letters = letters.trim_matches(['\0', ' ']);
    let name = match letters {
        "" => return None,
        "KVMKVMKVM" => "KVM",
        "Linux KVM Hv" => "KVM, as Hyper-V",
        "Microsoft Hv" => "Hyper-V",
        "VMwareVMware" => "VMware",
        "XenVMMXenVMM" => "Xen",
        "TCGTCGTCGTCG" => "QEMU without KVM",
        "VBoxVBoxVBox" => "VirtualBox",
        "lrpepyh  vr" => "Parallels",
        "bhyve bhyve" => "bhyve",
        other => other,
    };
    Some(name.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hypervisor_is_known_by_its_letters_and_a_stranger_keeps_them() {
        assert_eq!(known_as(b"KVMKVMKVM\0\0\0").as_deref(), Some("KVM"));
        assert_eq!(known_as(b" lrpepyh  vr").as_deref(), Some("Parallels"));
        assert_eq!(known_as(b"SomebodyElse").as_deref(), Some("SomebodyElse"));
        assert_eq!(known_as(&[0; 12]), None);
    }
}

//! A working set: memory that a flow uses whenever it runs.

/// A cache line of today's x86-64 processors, and of most others.
const LINE: usize = 64;

#[repr(align(64))]
#[derive(Clone, Copy)]
struct Line([u64; LINE / 8]);

/// So many cache lines, each of which counts how often it was touched.
pub struct WorkingSet(Vec<Line>);

impl WorkingSet {
    /// Memory that is really there, since every line has been written to.
    pub fn new(bytes: usize) -> WorkingSet {
        let mut set = WorkingSet(vec![Line([0; LINE / 8]); bytes / LINE]);
        // Zeros alone would be the kernel's one page of zeros.
        set.0.iter_mut().for_each(|line| line.0[1] = 1);
        set
    }

    /// Reads and writes one word of each line.
    #[inline(never)]
    pub fn touch(&mut self) {
        for line in &mut self.0 {
            line.0[0] += 1;
        }
    }

    /// How often its lines were touched, all together.
    pub fn touched(&self) -> u64 {
        self.0.iter().map(|line| line.0[0]).sum()
    }

    /// How many lines it has.
    pub fn lines(&self) -> u64 {
        self.0.len() as u64
    }
}

/// The same memory, strewn with a list: each line names the next, and no
/// prefetcher can guess it.
pub struct List(Vec<Line>);

impl List {
    /// A list through all lines, in an order that is always the same.
    pub fn new(bytes: usize) -> List {
        let mut order: Vec<u64> = (0..(bytes / LINE) as u64).collect();
        let mut random = 1;
        // Sattolo's way to shuffle: what comes out is a single cycle.
        for i in (1..order.len()).rev() {
            random = random * 48_271 % 0x7fff_ffff;
            order.swap(i, (random % i as u64) as usize);
        }
        List(order.iter().map(|&next| Line([next; LINE / 8])).collect())
    }

    /// Goes through the whole list once, and returns how many lines it has.
    #[inline(never)]
    pub fn follow(&self) -> u64 {
        let (mut at, mut lines) = (0, 0);
        loop {
            at = self.0[at as usize].0[0];
            lines += 1;
            if at == 0 {
                return lines;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_leads_through_all_of_its_memory() {
        assert_eq!(List::new(64 << 10).follow(), 1024);
        assert_eq!(List::new(64).follow(), 1);
    }

    #[test]
    fn each_line_is_touched() {
        let mut set = WorkingSet::new(4096);
        set.touch();
        set.touch();
        assert_eq!((set.lines(), set.touched()), (64, 128));
    }
}

//! How stretches of lanes look, in figures and in the key.

use maud::{Markup, html};

use lab::timeline::State;

/// How a stretch of a lane is drawn, in the order of the legend.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    Running,
    Holding,
    WaitingLock,
    WaitingIo,
    Off,
}

impl Look {
    /// All there are.
    pub(super) const ALL: [Look; 5] =
        [Look::Running, Look::Holding, Look::WaitingLock, Look::WaitingIo, Look::Off];

    /// That of `state`.
    pub(super) fn of(state: State) -> Look {
        match state {
            State::Running => Look::Running,
            State::Holding => Look::Holding,
            State::WaitingLock => Look::WaitingLock,
            State::WaitingIo => Look::WaitingIo,
        }
    }

    /// Its class, and what the legend says.
    pub(super) fn names(self) -> (&'static str, &'static str) {
        match self {
            Look::Running => ("running", "on a core"),
            Look::Holding => ("holding", "holds the lock"),
            Look::WaitingLock => ("waiting-lock", "waits for the lock"),
            Look::WaitingIo => ("waiting-io", "waits for I/O or a timer"),
            Look::Off => ("off", "off the core"),
        }
    }

    /// What it means.
    pub(super) fn means(self) -> &'static str {
        self.names().1
    }

    /// How it is drawn, as a legend shows it; what has no color of its own in that of `kind`.
    pub(super) fn sample(self, kind: &str) -> Markup {
        let class = self.names().0;
        html! {
            @match self {
                Look::Off => line class=(class) x1="0" x2="100%" y1="8" y2="8" {},
                Look::Running | Look::Holding => {
                    rect class={ (class) " " (kind) } width="100%" y="1" height="14" {}
                }
                _ => rect class=(class) width="100%" y="6" height="4" {},
            }
        }
    }

    /// How high it is, in pixels.
    pub(super) fn height(self) -> usize {
        match self {
            Look::Running | Look::Holding => 14,
            _ => 4,
        }
    }
}

//! The job and the sink by themselves.

use machines::events::{
    self, CLICK, Counts, PER_WINDOW, USERS, WINDOWS, Window,
};
use machines::hosts::{read, write};
use machines::sink::{Rule, Sink};

#[test]
fn events_are_the_same_however_many_hosts_they_are_written_on() {
    for hosts in [2, 3, 4] {
        let mut together: Vec<_> =
            (0..hosts).flat_map(|host| events::part(3, host, hosts)).collect();
        let mut alone = events::part(3, 0, 1);
        together.sort_unstable();
        alone.sort_unstable();
        assert_eq!(together, alone, "{hosts}");
    }
}

#[test]
fn some_users_click_far_more_than_others_and_one_event_in_sixteen_is_a_login() {
    let all = events::part(0, 0, 1);
    let logins = all.iter().filter(|event| event.2 != CLICK).count();
    assert!((PER_WINDOW / 18..PER_WINDOW / 14).contains(&logins), "{logins}");
    let clicks = |from: usize, to: usize| {
        let users = from as u32..to as u32;
        all.iter().filter(|event| users.contains(&event.0)).count()
    };
    assert!(clicks(0, USERS / 10) > clicks(USERS / 2, USERS));
}

#[test]
fn each_login_meets_each_click_of_its_user_and_no_other() {
    let mut window = Window::default();
    for event in
        [(1, 1, CLICK), (2, 1, CLICK), (1, 0, 3), (1, 1, CLICK), (1, 0, 5)]
    {
        window.add(event);
    }
    let mut counts = Counts::default();
    (counts[3], counts[5]) = (2, 2);
    assert_eq!(window.join(), counts);
}

#[test]
fn combined_first_the_join_is_the_same_of_fewer_events() {
    let events = events::part(1, 0, 2);
    let less = events::combine(&events);
    assert!(less.len() < events.len() / 5, "{}", less.len());
    assert_eq!(events::window(&less, 0), events::window(&events, 0));
}

#[test]
fn an_answer_tells_windows_and_countries_apart() {
    let two = events::log(0, 1).into_iter().take(2).collect();
    let windows = events::plain(two, 0);
    let mut other = windows.clone();
    other.swap(0, 1);
    assert_ne!(events::answer(&windows), events::answer(&other));
    other = windows.clone();
    other[0].swap(0, 1);
    assert_ne!(events::answer(&windows), events::answer(&other));
    assert_eq!(read(&write(&windows)), windows);
}

#[test]
fn what_comes_twice_is_added_replaced_or_refused() {
    let one: Counts = [1; 8];
    let taken = |rule| {
        let mut sink = Sink::new(rule, 1);
        for window in 0..WINDOWS / 2 {
            sink.take(0, 0, window, one);
        }
        sink.begins_again();
        for window in 0..WINDOWS {
            sink.take(1, 0, window, one);
        }
        sink.take(0, 0, WINDOWS - 1, one); // the first start is not dead
        assert_eq!(sink.whole_windows(), WINDOWS);
        (sink.answer(), sink.twice(), sink.refused())
    };
    let right = events::answer(&[one; WINDOWS]);
    let added = taken(Rule::Added);
    assert_ne!(added.0, right);
    assert_eq!((added.1, added.2), (WINDOWS / 2 + 1, 0));
    assert_eq!(taken(Rule::Keyed), (right.clone(), 0, 0));
    assert_eq!(taken(Rule::Fenced), (right, 0, 1));
}

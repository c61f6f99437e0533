//! A job of three steps, any of which may fail.

/// What becomes of a job.
pub type Answer = Result<u64, &'static str>;

/// The first step.
///
/// # Errors
/// Every fifth job has no user.
pub fn user(job: u64) -> Answer {
    if job % 5 == 4 { Err("no such user") } else { Ok(10 * job) }
}

/// The second step.
///
/// # Errors
/// Some users have ordered nothing.
pub fn order(user: u64) -> Answer {
    if user % 70 == 60 { Err("nothing ordered") } else { Ok(user + 1) }
}

/// The last step.
pub fn price(order: u64) -> u64 {
    3 * order
}

/// What became of all jobs, in words.
pub fn in_words(answers: &[Answer]) -> String {
    let sum: u64 = answers.iter().flatten().sum();
    let errors = |why| answers.iter().filter(|a| **a == Err(why)).count();
    format!(
        "{} answers: {sum} to pay, {} × no such user, {} × nothing ordered",
        answers.len(),
        errors("no such user"),
        errors("nothing ordered"),
    )
}

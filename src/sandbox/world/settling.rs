/// A state that ends by being looked at, never by time: `creating`, `stopping`, `testing`, …
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settling {
    /// How many more answers show it as it is now.
    pub looks: u32,
    /// The status that it has then; `None` if it is gone then.
    pub then: Option<String>,
}

/// What a look at something made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum Look {
    /// It is as it was.
    Same,
    /// It has the status that it was on its way to.
    Settled,
    /// It is gone.
    Gone,
}

/// Counts a look at something with that status; a state that nothing settles stays for good.
pub(super) fn look(status: &mut String, settling: &mut Option<Settling>) -> Look {
    let Some(on_its_way) = settling else { return Look::Same };
    on_its_way.looks = on_its_way.looks.saturating_sub(1);
    if on_its_way.looks > 0 {
        return Look::Same;
    }
    match settling.take().and_then(|done| done.then) {
        Some(then) => {
            *status = then;
            Look::Settled
        }
        None => Look::Gone,
    }
}

//! Futures that wait together.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// The outputs of some futures, in their order; all of them run at the same time, on this task.
///
/// For the few requests of one answer: every wake polls each that is not ready.
pub(crate) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut slots: Vec<Slot<F>> = futures
        .into_iter()
        .map(|future| Slot::Waits(Box::pin(future)))
        .collect();
    poll_fn(|context| {
        let mut is_ready = true;
        for slot in &mut slots {
            if let Slot::Waits(future) = slot {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *slot = Slot::Is(output),
                    Poll::Pending => is_ready = false,
                }
            }
        }
        if is_ready { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let output = |slot| match slot {
        Slot::Is(output) => Some(output),
        Slot::Waits(_) => None,
    };
    slots.into_iter().filter_map(output).collect()
}

enum Slot<F: Future> {
    Waits(Pin<Box<F>>),
    Is(F::Output),
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::task::yield_now;

    #[tokio::test(flavor = "current_thread")]
    async fn outputs_keep_the_order_and_all_run_at_the_same_time() {
        let begun = Cell::new(0);
        let others = |number: usize| {
            let begun = &begun;
            async move {
                begun.set(begun.get() + 1);
                for _ in 0..10 - number {
                    yield_now().await;
                }
                (number, begun.get())
            }
        };
        let all_have_begun = [(0, 5), (1, 5), (2, 5), (3, 5), (4, 5)];
        assert_eq!(super::all((0..5).map(others)).await, all_have_begun);
        assert_eq!(super::all((0..0).map(others)).await, []);
    }
}

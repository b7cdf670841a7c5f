//! A compaction that is stopped at every call, in every way, and again in the run after that.

use std::collections::BTreeSet;

use super::super::memory::Trouble;
use super::*;

/// What the hour holds when it closes: an event twice, each time as another arrival.
const FIRST: [(&str, &str); 2] = [("a", "one 5\ntwo 6"), ("b", "one 3\nthree 9")];
/// What comes late, with an event that was there.
const LATE: (&str, &str) = ("c", "four 20\ntwo 1");

fn once(events: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = events.iter().map(|event| (*event).to_owned()).collect();
    lines.sort();
    lines
}

/// The hour as readers may find it: raw or compacted, before or with what came late.
fn views(is_compacted: bool) -> BTreeSet<Vec<String>> {
    let mut views = BTreeSet::from([
        once(&["one 3", "two 6", "three 9"]),
        once(&["one 3", "two 1", "three 9", "four 20"]),
    ]);
    if !is_compacted {
        views.insert(once(&["one 5", "two 6", "one 3", "three 9"]));
        views.insert(once(&["one 5", "two 6", "one 3", "three 9", "four 20", "two 1"]));
    }
    views
}

/// What the world is when the run under test begins.
#[derive(Debug, Clone, Copy)]
struct Scene {
    /// A run before has published the hour, and then the late object came.
    is_compacted: bool,
    /// The hour is the engine's.
    by_engine: bool,
}

impl Scene {
    const ALL: [Scene; 4] = [
        Scene {
            is_compacted: false,
            by_engine: false,
        },
        Scene {
            is_compacted: true,
            by_engine: false,
        },
        Scene {
            is_compacted: false,
            by_engine: true,
        },
        Scene {
            is_compacted: true,
            by_engine: true,
        },
    ];

    fn settings(self) -> Settings {
        let most_bytes = if self.by_engine { 0 } else { u64::MAX };
        Settings {
            most_bytes,
            ..settings()
        }
    }

    fn world(self) -> World {
        let world = World::default();
        world.state.borrow_mut().query_takes = Some(2);
        for (key, lines) in FIRST {
            world.arrive(the_hour(), key, lines);
        }
        if self.is_compacted {
            assert!(matches!(
                outcome(&world, self.settings(), 0),
                Some(Outcome::Published(_))
            ));
            world.arrive(the_hour(), LATE.0, LATE.1);
        }
        world.calls.set(0);
        world.seen.borrow_mut().clear();
        world
    }

    /// Runs with trouble at the given calls of the runs, each after the lease of the one before; then
    /// without any until nothing is left to do. False where a call was not reached.
    fn survives(self, troubles: &[(usize, Trouble)], arrival: Option<usize>) -> bool {
        let world = self.world();
        if let Some(call) = arrival {
            let (key, lines) = LATE;
            let late = (the_hour(), key.to_owned(), lines.to_owned());
            world.arrivals.borrow_mut().insert(call, late);
        }
        let mut late = 60;
        for (call, trouble) in troubles {
            world.trouble.borrow_mut().insert(world.calls.get() + call, *trouble);
            run(&world, self.settings(), late);
            if !world.trouble.borrow().is_empty() {
                return false;
            }
            self.leaves_a_lease_alone(&world, late + 15);
            late += 60;
        }
        // What came in the middle of one run is for the next, and what that replaced for the last.
        for (number, later) in [0, 60, 180, 300].into_iter().enumerate() {
            let report = run(&world, self.settings(), late + later).unwrap().unwrap();
            let is_quiet = number > 0 || arrival.is_none();
            assert!(report.waiting == 0 || !is_quiet, "{self:?} {troubles:?}: {report:?}");
        }
        self.check(&world, troubles);
        arrival.is_none() || world.arrivals.borrow().is_empty()
    }

    /// Whoever comes before a lease has run out changes nothing.
    fn leaves_a_lease_alone(self, world: &World, late: Millis) {
        let arrivals = std::mem::take(&mut *world.arrivals.borrow_mut());
        let before = world.state.borrow().clone();
        let report = run(world, self.settings(), late).unwrap().unwrap();
        if let [(_, Outcome::Leased)] = report.hours.as_slice() {
            let after = world.state.borrow();
            assert_eq!(before.partitions, after.partitions);
            // It may have removed what was retired long ago.
            let new = after.objects.keys().find(|key| !before.objects.contains_key(*key));
            assert_eq!(new, None);
        }
        *world.arrivals.borrow_mut() = arrivals;
    }

    fn check(self, world: &World, troubles: &[(usize, Trouble)]) {
        let views = views(self.is_compacted);
        for (_, lines) in world.seen.borrow().iter() {
            assert!(views.contains(lines), "{self:?} {troubles:?}: a reader saw {lines:?}");
        }
        let state = world.state.borrow();
        assert!(state.dirty.is_empty(), "{:?}", state.dirty);
        assert_eq!(state.retired, []);
        assert_eq!(state.generations.len(), 0);
        let published = &state.published[&the_hour()];
        let folder = format!("curated/{}/{}/", the_hour(), published.generation);
        assert_eq!(state.partitions[&the_hour()], folder);
        let curated = state.objects.keys().filter(|key| key.starts_with("curated/"));
        for key in curated {
            assert!(key.starts_with(&folder), "{self:?} {troubles:?}: {key} was left behind");
        }
        let rows = published.rows;
        assert_eq!(rows.rows_in, rows.rows_out + rows.duplicates);
        let is_late = state.objects.keys().any(|key| key.ends_with("/c"));
        let expected = match is_late {
            true => once(&["one 3", "two 1", "three 9", "four 20"]),
            false => once(&["one 3", "two 6", "three 9"]),
        };
        drop(state);
        assert_eq!(world.read(the_hour()), expected);
    }
}

/// How many calls a run of a scene makes at most.
fn calls(scene: Scene) -> usize {
    (0..)
        .find(|call| !scene.survives(&[(*call, Trouble::FailsAfter)], None))
        .unwrap()
}

#[test]
fn a_run_that_is_stopped_at_any_call_leaves_the_old_hour_or_the_new_one() {
    for scene in Scene::ALL {
        let calls = calls(scene);
        assert!(calls > 14, "{scene:?} makes {calls} calls");
        for call in 0..calls {
            for trouble in Trouble::ALL {
                assert!(scene.survives(&[(call, trouble)], None));
            }
        }
    }
}

#[test]
fn so_does_the_run_after_it_that_is_stopped_as_well() {
    for scene in Scene::ALL {
        for first in 0..calls(scene) {
            for one in Trouble::ALL {
                for other in Trouble::ALL {
                    let reached = (0..).take_while(|second| scene.survives(&[(first, one), (*second, other)], None));
                    assert!(reached.count() > 0);
                }
            }
        }
    }
}

#[test]
fn what_arrives_before_any_call_is_in_the_hour_in_the_end() {
    for scene in [Scene::ALL[0], Scene::ALL[2]] {
        let calls = calls(scene);
        for arrival in 0..calls {
            assert!(scene.survives(&[], Some(arrival)));
            for call in 0..calls {
                for trouble in Trouble::ALL {
                    scene.survives(&[(call, trouble)], Some(arrival));
                }
            }
        }
    }
}

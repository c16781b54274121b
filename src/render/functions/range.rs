//! `range`: numbers to loop over, no more of them than a page can show.

use serde_json::Value;

use super::Args;
use crate::render::world::World;

/// The whole numbers from `start` up to `end`, which is not among them, in steps of `step_by`.
pub(super) fn range(_: &World, args: &Args<'_>) -> Result<Value, String> {
    let start = args.integer("start")?.unwrap_or(0);
    let step = args.integer("step_by")?.unwrap_or(1);
    let Some(end) = args.integer("end")? else {
        return Err("the argument `end` is missing\nwrite `range(end=10)`".to_owned());
    };
    if start > end {
        return Err(format!("`start` ({start}) is greater than `end` ({end})"));
    }
    let Ok(step) = usize::try_from(step.max(0)) else {
        return Err(format!("`step_by` can't be {step}"));
    };
    if step == 0 {
        return Err("`step_by` must be 1 or more".to_owned());
    }
    let numbers = (start..end).step_by(step);
    if numbers.clone().nth(NUMBERS_MAX).is_some() {
        return Err(format!(
            "from {start} to {end} there are more than {NUMBERS_MAX} numbers\nno page shows as many: loop over less"
        ));
    }
    Ok(numbers.map(Value::from).collect())
}

const NUMBERS_MAX: usize = 1_000_000;

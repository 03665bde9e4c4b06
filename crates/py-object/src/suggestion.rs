//! "Did you mean": the known name nearest to a misspelt one, by CPython's measure.

const MOVE_COST: usize = 2;
const CASE_COST: usize = 1;
const LONGEST: usize = 40;
const MOST_CANDIDATES: usize = 750;

/// The candidate nearest to `wrong`, if one is near enough.
pub fn suggest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(&str, usize)> = None;
    for candidate in candidates.into_iter().take(MOST_CANDIDATES) {
        if candidate == wrong {
            continue;
        }
        // No more than a third of the characters involved may differ.
        let limit = (wrong.len() + candidate.len() + 3) * MOVE_COST / 6;
        let limit = best.map_or(limit, |(_, distance)| limit.min(distance - 1));
        let distance = distance(wrong.as_bytes(), candidate.as_bytes(), limit);
        if distance <= limit && best.is_none_or(|(_, known)| distance < known) {
            best = Some((candidate, distance));
            if distance == 0 {
                break;
            }
        }
    }
    best.map(|(candidate, _)| candidate)
}

fn substitution_cost(lhs: u8, rhs: u8) -> usize {
    if lhs == rhs {
        0
    } else if lhs.eq_ignore_ascii_case(&rhs) {
        CASE_COST
    } else {
        MOVE_COST
    }
}

/// Levenshtein distance, or something above `limit`.
fn distance(mut lhs: &[u8], mut rhs: &[u8], limit: usize) -> usize {
    while let (Some(x), Some(y)) = (lhs.first(), rhs.first())
        && x == y
    {
        (lhs, rhs) = (&lhs[1..], &rhs[1..]);
    }
    while let (Some(x), Some(y)) = (lhs.last(), rhs.last())
        && x == y
    {
        (lhs, rhs) = (&lhs[..lhs.len() - 1], &rhs[..rhs.len() - 1]);
    }
    if lhs.is_empty() || rhs.is_empty() {
        return (lhs.len() + rhs.len()) * MOVE_COST;
    }
    if lhs.len() > LONGEST || rhs.len() > LONGEST || lhs.len().abs_diff(rhs.len()) * MOVE_COST > limit {
        return limit + 1;
    }
    let mut row: Vec<usize> = (1..=lhs.len()).map(|n| n * MOVE_COST).collect();
    let mut result = 0;
    for (at, y) in rhs.iter().enumerate() {
        let mut diagonal = at * MOVE_COST;
        result = diagonal;
        let mut least = usize::MAX;
        for (cell, x) in row.iter_mut().zip(lhs) {
            let substituted = diagonal + substitution_cost(*x, *y);
            diagonal = *cell;
            result = substituted.min(result.min(diagonal) + MOVE_COST);
            *cell = result;
            least = least.min(result);
        }
        if least > limit {
            return limit + 1;
        }
    }
    result
}

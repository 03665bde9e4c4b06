//! Ancillary data: what `sendmsg` and `recvmsg` carry beside the bytes.

/// Size of the header of an item.
const HEADER: usize = size_of::<libc::cmsghdr>();

fn align(length: usize) -> usize {
    (length + 7) & !7
}

/// Length of an item with so much data; `None` where that is out of range.
pub fn length(data: i64) -> Option<i64> {
    let total = usize::try_from(data).ok()?.checked_add(align(HEADER))?;
    i32::try_from(total).ok().map(i64::from)
}

/// Room for such an item.
pub fn space(data: i64) -> Option<i64> {
    let total = align(usize::try_from(data).ok()?.checked_add(7)? - 7).checked_add(align(HEADER))?;
    i32::try_from(total).ok().map(i64::from)
}

/// Level, kind and data of an item.
pub type Item = (i32, i32, Vec<u8>);

/// Packs items for the system.
pub fn pack(items: &[Item]) -> Vec<u8> {
    let mut packed = Vec::new();
    for (level, kind, data) in items {
        let header = (align(HEADER) + data.len()) as u64;
        packed.extend_from_slice(&header.to_ne_bytes());
        packed.extend_from_slice(&level.to_ne_bytes());
        packed.extend_from_slice(&kind.to_ne_bytes());
        packed.extend_from_slice(data);
        packed.resize(align(packed.len()), 0);
    }
    packed
}

/// The items that the system packed.
pub fn unpack(packed: &[u8]) -> Vec<Item> {
    let mut items = Vec::new();
    let mut rest = packed;
    while rest.len() >= HEADER {
        let (head, _) = rest.split_at(HEADER);
        let total = u64::from_ne_bytes(head[..8].try_into().unwrap_or_default()) as usize;
        let level = i32::from_ne_bytes(head[8..12].try_into().unwrap_or_default());
        let kind = i32::from_ne_bytes(head[12..16].try_into().unwrap_or_default());
        if total < HEADER {
            break;
        }
        let end = total.min(rest.len());
        items.push((level, kind, rest[HEADER..end].to_vec()));
        rest = rest.get(align(total)..).unwrap_or_default();
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_back() {
        let items = vec![(1, 1, vec![1, 2, 3, 4]), (1, 2, vec![]), (41, 50, vec![9; 20])];
        let packed = pack(&items);
        assert_eq!(packed.len() as i64, items.iter().map(|item| space(item.2.len() as i64).unwrap()).sum::<i64>());
        assert_eq!(unpack(&packed), items);
    }

    #[test]
    fn lengths_are_bounded() {
        assert_eq!(length(4), Some(20));
        assert_eq!(space(4), Some(24));
        assert_eq!(length(-1), None);
        assert_eq!(space(i64::MAX), None);
    }
}

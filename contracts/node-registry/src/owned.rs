//! Which keys an account owns, as bitmaps, without a step per key at a split or in a page.
//!
//! A page of 1,024 keys is one record under owner and generation. A page without a record of its
//! own generation is what the owner's parents of before the split become, all of them frozen; the
//! first change of the page writes it whole. So a list costs one read per page, whatever was sold.

use core::ops::RangeInclusive;

use cosmwasm_std::Storage;
use noderev_components::{
    key, unreadable, write_packed, Account, Bitmap, Generation, KeyId, Lineage, Local, Packed,
    RawRead, Reader, Short, StdResult,
};

use crate::state::OWNED;

/// Keys per page.
pub const KEYS_PER_PAGE: u32 = 1_024;

/// A page in storage: of few keys the gaps between them, of many all bits, whatever is shorter.
/// Most owners have a handful of keys, and every byte is paid for at each change of hands.
struct Page(Bitmap);

const GAPS: u8 = 0;
const BITS: u8 = 1;

impl Packed for Page {
    fn pack(&self, out: &mut Vec<u8>) {
        let (mut gaps, mut next) = (vec![GAPS], 0);
        for bit in self.0.ones() {
            Short(u64::from(bit).saturating_sub(next)).pack(&mut gaps);
            next = u64::from(bit).saturating_add(1);
        }
        let mut bits = vec![BITS];
        self.0.pack(&mut bits);
        out.extend(match gaps.len() < bits.len() {
            true => gaps,
            false => bits,
        });
    }

    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        match u8::unpack(input)? {
            GAPS => {}
            BITS => return Bitmap::unpack(input).map(Self),
            _ => return Err(unreadable("owner index", "form of a page")),
        }
        let (mut page, mut next) = (Bitmap::zeros(KEYS_PER_PAGE), 0u32);
        while !input.is_empty() {
            let bit = next.saturating_add(Short::unpack_u32(input)?);
            page.set(bit, true);
            next = bit.saturating_add(1);
        }
        Ok(Self(page))
    }
}

/// Pages of earlier generations that have been read: generation, page, and its bits.
type Known = Vec<(Generation, u32, Bitmap)>;

/// The keys of one owner.
#[derive(Clone, Copy)]
pub struct Owned<'a> {
    pub lineage: &'a Lineage,
    pub owner: &'a Account,
}

impl Owned<'_> {
    /// Notes that the owner has got keys in the running generation.
    pub fn add(
        self,
        storage: &mut dyn Storage,
        generation: Generation,
        keys: RangeInclusive<u32>,
    ) -> StdResult<()> {
        self.set(storage, generation, keys, true)
    }

    /// Notes that the owner no longer has a key.
    pub fn remove(
        self,
        storage: &mut dyn Storage,
        generation: Generation,
        id: KeyId,
    ) -> StdResult<()> {
        self.set(storage, generation, id.0..=id.0, false)
    }

    /// The first `limit` keys of the owner after number `after`, of `keys` in all, in order.
    pub fn after(
        self,
        storage: &dyn Storage,
        generation: Generation,
        keys: u32,
        after: u32,
        limit: usize,
    ) -> StdResult<Vec<KeyId>> {
        let (mut found, mut known) = (vec![], Known::new());
        for page in after / KEYS_PER_PAGE..keys.div_ceil(KEYS_PER_PAGE) {
            let first = page.saturating_mul(KEYS_PER_PAGE);
            let bits = self.page(storage, generation, page, &mut known)?;
            let bits = bits.ones().map(|bit| bit.saturating_add(first));
            let later = bits.filter(|bit| *bit >= after);
            found.extend(later.map(KeyId::of_bit));
            if found.len() >= limit {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    fn set(
        self,
        storage: &mut dyn Storage,
        generation: Generation,
        keys: RangeInclusive<u32>,
        owned: bool,
    ) -> StdResult<()> {
        let (first, last) = (KeyId(*keys.start()).bit(), KeyId(*keys.end()).bit());
        for page in first / KEYS_PER_PAGE..=last / KEYS_PER_PAGE {
            let start = page.saturating_mul(KEYS_PER_PAGE);
            let mut bits = self.page(storage, generation, page, &mut Known::new())?;
            for bit in first.max(start)..=last.min(start.saturating_add(KEYS_PER_PAGE - 1)) {
                bits.set(bit.saturating_sub(start), owned);
            }
            let key = self.page_key(generation, page);
            // Without a split nothing is inherited: no record says the same as an empty one.
            match generation == 0 && bits.ones().next().is_none() {
                true => storage.remove(&key),
                false => write_packed(storage, &key, &Page(bits)),
            }
        }
        Ok(())
    }

    /// A page of a generation: what it was written as, or else what the owner's parents have become.
    fn page(
        self,
        storage: &dyn Storage,
        generation: Generation,
        page: u32,
        known: &mut Known,
    ) -> StdResult<Bitmap> {
        let own = Local(storage).read_packed(&self.page_key(generation, page))?;
        if let Some(Page(own)) = own {
            return Ok(own);
        }
        let mut bits = Bitmap::zeros(KEYS_PER_PAGE);
        let first = page.saturating_mul(KEYS_PER_PAGE);
        for bit in 0..KEYS_PER_PAGE {
            let child = KeyId::of_bit(first.saturating_add(bit));
            let parent = self.lineage.parent(generation, child);
            let Some((before, parent)) = generation.checked_sub(1).zip(parent) else {
                break;
            };
            let (from, at) = (parent.bit() / KEYS_PER_PAGE, parent.bit() % KEYS_PER_PAGE);
            let is_here = |page: &&(Generation, u32, Bitmap)| (page.0, page.1) == (before, from);
            let owned = match known.iter().find(is_here) {
                Some((.., parents)) => parents.get(at),
                None => {
                    let parents = self.page(storage, before, from, known)?;
                    let owned = parents.get(at);
                    known.push((before, from, parents));
                    owned
                }
            };
            bits.set(bit, owned);
        }
        Ok(bits)
    }

    fn page_key(self, generation: Generation, page: u32) -> Vec<u8> {
        let (owner, page) = (self.owner.key(), page.to_be_bytes());
        key(OWNED, &[&owner, &[generation], &page])
    }
}

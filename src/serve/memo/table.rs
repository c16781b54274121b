//! What is kept, by the hash of what it is kept for, in a bounded number of places.

/// A bounded number of entries, each at one of two places, so that hardly ever two drive each other out.
#[derive(Debug)]
pub(super) struct Table<E> {
    /// None of them until the first is looked for.
    places: Vec<Place<E>>,
    size: Size,
    /// How many of them are taken.
    taken: usize,
}

/// How large a table becomes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// So many that hardly ever both places of an entry are taken.
    pub(super) places: usize,
    pub(super) taken_max: usize,
}

#[derive(Debug)]
struct Place<E> {
    /// The hash of what was last looked for here in vain. Only what is looked for twice in a row is kept, so that who
    /// walks through a whole site does not drive out what everybody reads.
    missed: u64,
    kept: Option<Kept<E>>,
}

#[derive(Debug)]
struct Kept<E> {
    hash: u64,
    entry: E,
}

/// Where an entry is, or may be put.
#[derive(Debug, Clone, Copy)]
pub(in crate::serve) struct Seat {
    at: usize,
    hash: u64,
}

/// What there is for a hash.
#[derive(Debug)]
pub(super) enum Found {
    /// The entry that was looked for.
    Here(Seat),
    /// It is not here, and worth this seat.
    Wanted(Seat),
    /// It is not here.
    Nowhere,
}

impl<E> Table<E> {
    pub(super) fn new(size: Size) -> Self {
        Self {
            places: Vec::new(),
            size,
            taken: 0,
        }
    }

    /// Looks for the entry with this `hash` that `is_it`.
    pub(super) fn find(&mut self, hash: u64, is_it: impl Fn(&E) -> bool) -> Found {
        if self.places.is_empty() {
            let free = || Place {
                missed: 0,
                kept: None,
            };
            self.places.resize_with(self.size.places, free);
        }
        let places = self.size.places;
        let both = [hash as usize % places, (hash >> 32) as usize % places];
        let holds = |at: &usize| {
            let place = self.places.get(*at);
            let kept = place.and_then(|place| place.kept.as_ref());
            kept.is_some_and(|kept| kept.hash == hash && is_it(&kept.entry))
        };
        if let Some(at) = both.into_iter().find(holds) {
            return Found::Here(Seat { at, hash });
        }
        let (mut free, mut taken, mut was_missed) = (None, None, false);
        for at in both {
            if let Some(place) = self.places.get_mut(at) {
                was_missed |= place.missed == hash;
                place.missed = hash;
                match place.kept {
                    None => free = free.or(Some(at)),
                    Some(_) => taken = taken.or(Some(at)),
                }
            }
        }
        let seat = free
            .filter(|_| self.taken < self.size.taken_max)
            .or(taken)
            .filter(|_| was_missed);
        seat.map_or(Found::Nowhere, |at| Found::Wanted(Seat { at, hash }))
    }

    pub(super) fn at(&mut self, Seat { at, .. }: Seat) -> Option<&mut E> {
        let kept = self.places.get_mut(at)?.kept.as_mut();
        kept.map(|kept| &mut kept.entry)
    }

    /// Puts `entry` there, for whoever looks for this `hash`, in place of what was.
    pub(super) fn put(&mut self, Seat { at, hash }: Seat, entry: E) {
        if let Some(place) = self.places.get_mut(at) {
            self.taken += usize::from(place.kept.is_none());
            place.kept = Some(Kept { hash, entry });
        }
    }

    /// Keeps only what `stays`.
    pub(super) fn retain(&mut self, mut stays: impl FnMut(&mut E) -> bool) {
        for place in &mut self.places {
            let gone = place.kept.take_if(|kept| !stays(&mut kept.entry));
            self.taken -= usize::from(gone.is_some());
        }
    }

    /// Forgets everything, and gives back the room.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.size);
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.taken
    }

    /// Whether it holds no room either.
    #[cfg(test)]
    pub(super) fn is_cleared(&self) -> bool {
        self.places.is_empty()
    }
}

//! The maps that the passes use, chosen for the code they cost in the download.
//!
//! [`Map`] and [`Set`] are for looking up: nothing may depend on their order, because the same bytes have to give the same
//! output. [`Sorted`] is for what is also listed: in the order of its keys, a vector underneath. BTreeMap would do, at four times
//! the code per key type; a hostile component can make a sorted vector slow only where keys do not come in order, so keys are ids
//! and places of the plan, which do, and names go into [`Set`].

/// A map for looking up.
pub type Map<K, V> = hashbrown::HashMap<K, V>;
/// A set for asking.
pub type Set<K> = hashbrown::HashSet<K>;

/// A map that lists its entries in the order of their keys.
#[derive(Clone)]
pub struct Sorted<K, V> {
    entries: Vec<(K, V)>,
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Sorted::new()
    }
}

impl<K, V> Sorted<K, V> {
    pub fn new() -> Sorted<K, V> {
        Sorted {
            entries: Vec::new(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(k, v)| (k, v))
    }

    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.entries.iter().map(|(k, _)| k)
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.iter().map(|(_, v)| v)
    }
}

impl<K: Ord, V> Sorted<K, V> {
    fn find(&self, key: &K) -> Result<usize, usize> {
        self.entries.binary_search_by(|(k, _)| k.cmp(key))
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.find(key).ok().map(|at| &self.entries[at].1)
    }

    pub fn contains_key(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: K, value: V) {
        match self.find(&key) {
            Ok(at) => self.entries[at].1 = value,
            Err(at) => self.entries.insert(at, (key, value)),
        }
    }

    /// The value of a key, made first where there is none.
    pub fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let at = match self.find(&key) {
            Ok(at) => at,
            Err(at) => {
                self.entries.insert(at, (key, make()));
                at
            }
        };
        &mut self.entries[at].1
    }
}

impl<K, V> IntoIterator for Sorted<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;
    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::Sorted;

    #[test]
    fn sorted_lists_in_order() {
        let mut map = Sorted::new();
        for (k, v) in [(3, "c"), (1, "a"), (2, "b"), (1, "A")] {
            map.insert(k, v);
        }
        assert_eq!(*map.get_or_insert_with(2, || "x"), "b");
        assert_eq!(map.get(&4), None);
        let all: Vec<_> = map.into_iter().collect();
        assert_eq!(all, [(1, "A"), (2, "b"), (3, "c")]);
    }
}

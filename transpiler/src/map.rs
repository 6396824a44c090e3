//! The maps that the passes use. They are for looking up: nothing may depend on their order, because the same bytes have to
//! give the same output. What is listed keeps an order of its own in an arena.

/// A map for looking up.
pub type Map<K, V> = hashbrown::HashMap<K, V>;
/// A set for asking.
pub type Set<K> = hashbrown::HashSet<K>;

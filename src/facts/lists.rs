//! List blocks: which rows are items, their titles and dates, and what an empty list looks like.

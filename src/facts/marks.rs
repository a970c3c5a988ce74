//! Footer marks: 网站标识码, ICP, 公安备案, 党政机关标识, 找错.

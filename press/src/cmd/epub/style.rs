//! The style sheet of e-books. Many e-readers know no custom properties, so that the colors of
//! the book's own style sheets are written out: `var(--thread)` becomes what the light theme
//! has for it.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

/// The theme whose colors are taken: e-readers with a dark page leave figures on white.
const THEME: &str = "html.light";

/// `style` with the values that `colors` has for its names.
///
/// # Errors
/// When there is no value for a name.
pub(super) fn literal(style: &str, colors: &str) -> Result<String> {
    let values = values(colors);
    let mut out = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, after)) = rest.split_once("var(") {
        let (name, after) = after.split_once(')').unwrap_or((after, ""));
        let Some(value) = values.get(name) else {
            bail!("`{name}` has no value in the theme `{THEME}`");
        };
        out.push_str(before);
        out.push_str(value);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// The custom properties of the theme, by their names.
fn values(colors: &str) -> BTreeMap<&str, &str> {
    let mut found = BTreeMap::new();
    for rule in colors.split('}') {
        let Some((selectors, body)) = rule.rsplit_once('{') else { continue };
        // What stands before may be a comment.
        let selectors = selectors.rsplit_once("*/").map_or(selectors, |(_, after)| after);
        if selectors.split(',').any(|selector| selector.trim() == THEME) {
            let lines = body.split(';').filter_map(|line| line.split_once(':'));
            found.extend(lines.map(|(name, value)| (name.trim(), value.trim())));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLORS: &str = "/* Themes. */\nhtml, html.light {\n --bg: #fff; --fg: #111;\n}\n\
        html.coal { --bg: #000; }\n/* More. */ html.light, html.rust { --thread: #0b6bb8; }";

    #[test]
    fn a_name_becomes_what_the_light_theme_has_for_it() {
        let css = "a { color: var(--thread); background: var(--bg) } b { top: 0 }";
        let literal = literal(css, COLORS).unwrap();
        assert_eq!(literal, "a { color: #0b6bb8; background: #fff } b { top: 0 }");
    }

    #[test]
    fn a_name_without_a_value_is_a_mistake() {
        let mistake = literal("a { color: var(--treads) }", COLORS).unwrap_err();
        assert_eq!(mistake.to_string(), "`--treads` has no value in the theme `html.light`");
    }
}

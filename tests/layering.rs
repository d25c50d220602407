//! Does each layer know only what it may? Reads manifests, sources and style sheets, and fails when one of
//! the absences of ARCHITECTURE.md is no longer absent.
//!
//! Of Rust files the lines count that ship: no comments, nothing from `#[cfg(test)]` on, no files of tests.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// The crates that compute: numbers, networks, pictures and words, the same on every machine.
const PURE: [&str; 4] = ["crates/core", "crates/formats", "crates/scene", "crates/page"];

/// Our own packages that a package may use, and whether it may use others' as well.
const MAY_USE: [(&str, &[&str], Others); 11] = [
    ("crates/core", &[], Others::None),
    ("crates/kernels", &["core"], Others::NoBrowser),
    ("crates/formats", &["core"], Others::NoBrowser),
    ("crates/scene", &["core"], Others::None),
    ("crates/page", &["core", "scene"], Others::None),
    ("crates/worker", &["core", "kernels", "formats"], Others::Any),
    ("crates/cli", &["core", "scene", "page"], Others::NoBrowser),
    ("crates/conformance", &["core", "kernels", "formats"], Others::Any),
    ("crates/split", &[], Others::NoBrowser),
    ("crates/xtask", &[], Others::None),
    ("", &["core", "scene", "page", "worker"], Others::Any),
];

const BROWSER: [&str; 4] = ["web_sys", "js_sys", "wasm_bindgen", "leptos"];

#[derive(Clone, Copy, PartialEq)]
enum Others {
    None,
    NoBrowser,
    Any,
}

#[test]
fn packages_use_only_what_lies_below_them() {
    for (folder, ours, others) in MAY_USE {
        for name in dependencies(&manifest(folder)) {
            let allowed = match name.strip_prefix("convscope-") {
                Some(short) => ours.contains(&short),
                None => match others {
                    Others::None => false,
                    Others::NoBrowser => !BROWSER.contains(&name.replace('-', "_").as_str()),
                    Others::Any => true,
                },
            };
            assert!(allowed, "{folder}/Cargo.toml depends on {name}");
        }
    }
}

#[test]
fn every_package_has_its_place_here() {
    let mut folders: Vec<String> = std::fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| format!("crates/{}", entry.unwrap().file_name().display()))
        .collect();
    folders.push(String::new());
    for folder in folders {
        assert!(MAY_USE.iter().any(|(known, ..)| *known == folder), "{folder} is not in MAY_USE");
    }
}

#[test]
fn unsafe_code_is_denied_outside_of_the_kernels() {
    let level = &manifest("")["workspace"]["lints"]["rust"]["unsafe_code"];
    assert!(matches!(level.as_str(), Some("deny" | "forbid")), "the workspace does not deny unsafe code");
    for (folder, ..) in MAY_USE {
        let inherits = manifest(folder).get("lints").and_then(|lints| lints.get("workspace")?.as_bool());
        assert_eq!(inherits, Some(true), "{folder}/Cargo.toml does not take the lints of the workspace");
    }
    // And nobody but the kernels makes an exception; tests count as well.
    let paths = ["src", "crates"].into_iter().flat_map(|folder| files(folder, "rs"));
    for path in paths.filter(|path| !path.starts_with("crates/kernels/")) {
        let code = without_comments(&read(&path));
        for word in ["unsafe", "unsafe_code"] {
            refuse_word(&path, &code, word);
        }
    }
}

#[test]
fn pure_crates_know_no_clock_no_thread_no_file_and_no_chance() {
    for (path, code) in PURE.into_iter().flat_map(sources) {
        for module in std_modules(&code) {
            let impure = ["time", "thread", "fs", "io", "net", "env", "process", "random"];
            assert!(!impure.contains(&module.as_str()), "{path} uses std::{module}");
        }
        // Their order differs from run to run.
        for word in ["HashMap", "HashSet", "RandomState", "println", "eprintln"] {
            refuse_word(&path, &code, word);
        }
        for word in BROWSER {
            refuse_word(&path, &code, word);
        }
    }
}

#[test]
fn geometry_is_worked_out_in_integers() {
    for file in ["axis", "congruence", "padding", "receptive_field", "cost"] {
        let path = format!("crates/core/src/{file}.rs");
        let code = shipped(&read(&path));
        for word in ["f32", "f64"] {
            refuse_word(&path, &code, word);
        }
    }
}

#[test]
fn what_a_mark_means_has_no_colour_and_no_font() {
    for (path, code) in ["crates/scene", "crates/page", "src/views"].into_iter().flat_map(sources) {
        assert_eq!(colour_literals(&code), Vec::<String>::new(), "{path} has a colour");
        for word in ["serif", "monospace", "Arial"] {
            refuse_word(&path, &code, word);
        }
    }
}

#[test]
fn only_the_platform_names_the_browser() {
    let platform = |path: &str| {
        let mailbox = ["main", "mailbox", "frame", "file", "wire"];
        path.starts_with("src/platform/")
            || mailbox.iter().any(|file| path == format!("crates/worker/src/{file}.rs"))
    };
    for (path, code) in sources("src").into_iter().chain(sources("crates/worker")) {
        if path.starts_with("crates/worker/") {
            refuse_word(&path, &code, "leptos");
        }
        if !platform(&path) {
            for word in ["web_sys", "js_sys", "wasm_bindgen", "wasm_bindgen_futures"] {
                refuse_word(&path, &code, word);
            }
        }
    }
}

#[test]
fn inside_the_app_nothing_looks_up() {
    for (path, code) in sources("src") {
        let above: &[&str] = match path.strip_prefix("src/").unwrap() {
            below if below.starts_with("platform/") => {
                &["app", "views", "pages", "stack", "derive", "history"]
            }
            "history.rs" => &["app", "views", "pages", "stack", "derive", "platform"],
            "derive.rs" => &["app", "views", "pages", "stack"],
            "stack.rs" => &["app", "views", "pages"],
            "pages.rs" => &["app", "views"],
            below if below.starts_with("views/") => &["app"],
            _ => &[],
        };
        for name in modules_of(&code, "crate::") {
            assert!(!above.contains(&name.as_str()), "{path} uses crate::{name}");
        }
    }
}

#[test]
fn colours_stand_in_tokens_css_alone() {
    for path in files("style", "css") {
        let css = without_comments(&read(&path));
        if path == "style/tokens.css" {
            // Custom properties only, so that whatever looks is said in the other sheets.
            let own = ["color-scheme"];
            for (name, _) in css.split([';', '{', '}']).filter_map(|text| text.trim().split_once(": ")) {
                let name = name.trim();
                let selector = name.starts_with([':', '@']) || name.contains("root");
                assert!(name.starts_with("--") || own.contains(&name) || selector, "{path} sets {name}");
            }
        } else {
            assert_eq!(colour_literals(&css), Vec::<String>::new(), "{path} has a colour");
        }
    }
}

#[test]
fn the_dark_values_stand_twice_and_are_equal() {
    let tokens = without_comments(&read("style/tokens.css"));
    let by_hand = declarations(&tokens, ":root[data-theme=\"dark\"] {");
    let by_preference = declarations(&tokens, ":root:not([data-theme]) {");
    assert!(by_hand.len() > 40, "{by_hand:?}");
    assert_eq!(by_hand, by_preference);
}

#[test]
fn the_page_runs_under_a_policy_that_allows_its_own_files_alone() {
    let policy = policy();
    let sources_of = |name: &str| {
        let directive = policy.split(';').find_map(|it| it.trim().strip_prefix(name)?.strip_prefix(' '));
        directive.unwrap_or_default().split(' ').collect::<Vec<_>>()
    };
    assert_eq!(sources_of("default-src"), ["'self'"]);
    assert_eq!(sources_of("script-src"), ["'self'", "'wasm-unsafe-eval'"]);
    assert_eq!(sources_of("style-src"), ["'self'"]);
    for source in policy.split(';').flat_map(|directive| directive.trim().split(' ').skip(1)) {
        let known = ["'self'", "'wasm-unsafe-eval'", "'unsafe-inline'", "data:", "blob:"];
        assert!(known.contains(&source), "the policy allows {source}");
    }
}

#[test]
fn documents_repeat_what_the_code_says() {
    let rows = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim_start_matches("//! "));
        let table = lines.skip_while(|line| *line != "| key | value | default |");
        table.take_while(|line| line.starts_with('|')).map(str::to_owned).collect()
    };
    let keys = rows(&read("crates/page/src/link.rs"));
    assert!(keys.len() > 10, "{keys:?}");
    assert_eq!(rows(&read("ARCHITECTURE.md")), keys, "ARCHITECTURE.md has other keys of links");
    let header = format!("\nContent-Security-Policy: {}\n", policy());
    assert!(read("README.md").contains(&header), "README.md has another policy than index.html");
    for directive in policy().split("; ") {
        let quoted = format!("\"{directive}\",");
        assert!(read("tests/e2e/server.mjs").contains(&quoted), "the tests run without {directive}");
    }
}

#[test]
fn pages_have_no_script_or_style_of_their_own() {
    for path in ["index.html", "crates/cli/src/first-figure.html"] {
        let html = read(path);
        assert!(!html.contains("<style"), "{path} has a style sheet inside");
        for (_, script) in html.match_indices("<script").map(|(at, _)| html[at..].split_at(7)) {
            let (attributes, rest) = script.split_once('>').unwrap();
            assert!(attributes.contains(" src="), "{path} has a script without src");
            assert!(rest.starts_with("</script>"), "{path} has a script inside");
        }
        for attribute in html.split([' ', '\n']).filter_map(|word| word.split_once('=')) {
            assert!(!attribute.0.starts_with("on"), "{path} has the handler {}", attribute.0);
        }
        assert!(!html.contains("javascript:"), "{path} has a script as an address");
    }
    for path in [files("public", "js"), files("crates/worker/src", "js")].concat() {
        let code = without_comments(&read(&path));
        for word in ["eval", "Function"] {
            refuse_word(&path, &code, word);
        }
    }
}

#[test]
fn nothing_is_asked_of_another_origin() {
    let pages = ["index.html".to_owned(), "crates/cli/src/first-figure.html".to_owned()];
    let apart = ["public js", "crates/worker/src js", "style css", "src rs", "crates/worker/src rs"];
    let apart = apart.into_iter().filter_map(|it| it.split_once(' '));
    let apart: Vec<String> = apart.flat_map(|(folder, extension)| files(folder, extension)).collect();
    let pure = PURE.into_iter().flat_map(|folder| files(&format!("{folder}/src"), "rs"));
    for path in pages.into_iter().chain(apart).chain(pure) {
        // The name of SVG is an address that nobody opens.
        let text = without_comments(&read(&path)).replace("http://www.w3.org/2000/svg", "");
        for origin in ["http://", "https://", "ws://", "wss://", "src=\"//", "href=\"//", "url(//"] {
            assert!(!text.contains(origin), "{path} names an address: {origin}");
        }
    }
}

/// The readers below read what they claim to; otherwise the tests above would pass over anything.
mod readers {
    use super::*;

    #[test]
    fn comments_and_tests_are_left_out() {
        let code =
            "//! unsafe\nlet a = \"https://b\"; // web_sys\n/* f32 */ c\n#[cfg(test)]\nmod tests { d }\n";
        assert_eq!(shipped(code), "let a = \"https://b\"; \n c\n");
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("use web_sys::Window;", "web_sys"));
        assert!(!has_word("fn web_sys_like() {}", "web_sys"));
        assert!(!has_word("'wasm-unsafe-eval'", "unsafe"));
    }

    #[test]
    fn modules_are_found_in_groups() {
        let code =
            "use std::{fmt::Display, time::{Duration, Instant}, rc}; std::fs::read(a); crate::views::b();";
        assert_eq!(std_modules(code), ["fmt", "time", "rc", "fs"]);
        assert_eq!(modules_of(code, "crate::"), ["views"]);
    }

    #[test]
    fn colours_are_found_and_their_computation_is_not() {
        let css = "a { color: #1470bd; fill: rgb(0 0 0 / .3); } #main { b: oklch(.5 .1 90) hsl(0 0 0); }";
        assert_eq!(colour_literals(css), ["#1470bd", "rgb(0 0 0 / .3)", "oklch(.5 .1 90)", "hsl(0 0 0)"]);
        let computed =
            "a { fill: oklch(var(--l) var(--c) var(--h)); b: color-mix(in srgb, var(--k) 4%, transparent); }";
        assert_eq!(colour_literals(computed), Vec::<String>::new());
        assert_eq!(colour_literals("r#\"#/lab\"# #[test] \"#fff\" &#8722; format!(\"#{r:02x}\")"), ["#fff"]);
    }

    #[test]
    fn dependencies_are_found_for_every_target() {
        let manifest = "[dependencies]\na = \"1\"\n[target.'cfg(unix)'.dependencies]\nb = \"1\"\n\
                        [dev-dependencies]\nc = \"1\"\n[build-dependencies]\nd = \"1\"\n";
        assert_eq!(dependencies(&manifest.parse().unwrap()), ["a", "b", "d"]);
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The policy that index.html brings along.
fn policy() -> String {
    let page = read("index.html");
    let (_, rest) = page.split_once(r#"http-equiv="Content-Security-Policy" content=""#).unwrap();
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn manifest(folder: &str) -> Table {
    read(format!("{folder}/Cargo.toml").trim_start_matches('/')).parse().unwrap()
}

/// What a package needs to be built; what only its tests need is left out.
fn dependencies(manifest: &Table) -> Vec<String> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let names = |table: &Table| {
        let kinds = ["dependencies", "build-dependencies"];
        let tables = kinds.into_iter().filter_map(|kind| table.get(kind)?.as_table());
        tables.flat_map(|table| table.keys().cloned()).collect::<Vec<_>>()
    };
    let mut all: Vec<String> = std::iter::once(manifest).chain(targets).flat_map(names).collect();
    all.sort();
    all
}

/// The files below a folder with this extension, as paths from the root, with `/` between folders.
fn files(folder: &str, extension: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                let parts = path.strip_prefix(root()).unwrap().iter();
                found.push(parts.map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("/"));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no .{extension}");
    found.sort();
    found
}

/// The Rust files of a package or folder that ship, and what of each ships.
fn sources(folder: &str) -> Vec<(String, String)> {
    let folder = if folder.starts_with("crates/") { format!("{folder}/src") } else { folder.to_owned() };
    let ships = |path: &String| !path.ends_with("/tests.rs") && !path.contains("/tests/");
    let paths = files(&folder, "rs").into_iter().filter(ships);
    paths.map(|path| (path.clone(), shipped(&read(&path)))).collect()
}

/// Code without comments, up to its unit tests: they stand last.
fn shipped(code: &str) -> String {
    let code = without_comments(code);
    code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
}

/// Text without `//`, `/* */` and `<!-- -->`; an address such as `https://` is no comment.
fn without_comments(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = |end: &str| rest.find(end).map_or("", |at| &rest[at + end.len()..]);
        if rest.starts_with("//") && !kept.ends_with([':', '"', '(']) {
            let at = rest.find('\n').unwrap_or(rest.len());
            // A line that was only a comment goes as a whole.
            let alone = kept.is_empty() || kept.ends_with('\n');
            rest = if alone { rest[at..].strip_prefix('\n').unwrap_or_default() } else { &rest[at..] };
        } else if rest.starts_with("/*") {
            rest = after("*/");
        } else if rest.starts_with("<!--") {
            rest = after("-->");
        } else {
            kept.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    kept
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-')
}

fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word)
        .any(|(at, _)| !code[..at].ends_with(is_word) && !code[at + word.len()..].starts_with(is_word))
}

#[track_caller]
fn refuse_word(path: &str, code: &str, word: &str) {
    assert!(!has_word(code, word), "{path} names {word}");
}

fn std_modules(code: &str) -> Vec<String> {
    modules_of(code, "std::")
}

/// The names that follow `prefix`: one, or those of a group in braces.
fn modules_of(code: &str, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        if code[..at].ends_with(is_word) {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.push(leading_name(rest));
            continue;
        };
        let mut depth = 1;
        let mut expects_name = true;
        for (at, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => expects_name = true,
                _ if depth == 1 && expects_name && is_word(character) => {
                    names.push(leading_name(&group[at..]));
                    expects_name = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

fn leading_name(text: &str) -> String {
    text.chars().take_while(|&it| is_word(it)).collect()
}

/// `#rgb`, `#rrggbb` and their like with opacity, and colour functions of numbers; not of `var()`.
fn colour_literals(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, character) in text.char_indices() {
        let rest = &text[at..];
        if character == '#' {
            let digits = &leading_name(&rest[1..]);
            let hex = digits.chars().all(|it| it.is_ascii_hexdigit());
            // `&#8722;` is a character.
            if hex && matches!(digits.len(), 3 | 4 | 6 | 8) && !text[..at].ends_with('&') {
                found.push(format!("#{digits}"));
            }
            continue;
        }
        let functions = ["rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "lab(", "lch(", "oklab(", "oklch("];
        let Some(function) = functions.into_iter().find(|it| rest.starts_with(it)) else { continue };
        let arguments = rest[function.len()..].split(')').next().unwrap_or_default();
        let number = arguments.trim_start().starts_with(|it: char| it.is_ascii_digit() || it == '.');
        if number && !text[..at].ends_with(is_word) {
            found.push(format!("{function}{arguments})"));
        }
    }
    found
}

/// Name and value of what stands in the block that begins with `opening`.
fn declarations(css: &str, opening: &str) -> Vec<(String, String)> {
    let (_, block) = css.split_once(opening).unwrap_or_else(|| panic!("there is no {opening}"));
    let block = block.split('}').next().unwrap_or_default();
    let pairs = block.split(';').filter_map(|it| it.split_once(':'));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

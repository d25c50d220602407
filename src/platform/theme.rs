//! Light or dark: by the system, or by the reader through `data-theme` on the root element.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{MutationObserver, MutationObserverInit};

use super::dom::{Guard, keep, root, window};

/// The key under which `boot.js` finds the choice again after a reload.
const STORED: &str = "theme";

/// A theme that the reader chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Its name in `data-theme`.
    pub const fn name(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}

/// Chooses a theme, or `None` to follow the system.
///
/// Remembered until the tab is closed where the browser allows it; nothing needs that.
pub fn set_theme(theme: Option<Theme>) {
    let Some(root) = root() else { return };
    let storage = window().session_storage().ok().flatten();
    match theme {
        Some(theme) => {
            let _ = root.set_attribute("data-theme", theme.name());
            if let Some(storage) = storage {
                let _ = storage.set_item(STORED, theme.name());
            }
        }
        None => {
            let _ = root.remove_attribute("data-theme");
            if let Some(storage) = storage {
                let _ = storage.remove_item(STORED);
            }
        }
    }
}

/// Chooses the theme that is not shown now.
pub fn toggle_theme() {
    let dark = match chosen() {
        Some(theme) => theme == Theme::Dark,
        None => window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|list| list.matches()),
    };
    set_theme(Some(if dark { Theme::Light } else { Theme::Dark }));
}

fn chosen() -> Option<Theme> {
    match root()?.get_attribute("data-theme").as_deref() {
        Some("light") => Some(Theme::Light),
        Some("dark") => Some(Theme::Dark),
        _ => None,
    }
}

/// Calls `callback` when one of these attributes of the root element changes.
pub(super) fn on_root_attribute(names: &[&str], callback: impl FnMut() + 'static) {
    let Some(root) = root() else { return };
    let callback = Closure::<dyn FnMut()>::wrap(Box::new(callback));
    let Ok(observer) = MutationObserver::new(callback.as_ref().unchecked_ref()) else { return };
    let options = MutationObserverInit::new();
    options.set_attributes(true);
    let names: js_sys::Array = names.iter().map(|name| wasm_bindgen::JsValue::from_str(name)).collect();
    options.set_attribute_filter(&names);
    let _ = observer.observe_with_options(&root, &options);
    keep(Guard(move || {
        observer.disconnect();
        let _ = &callback;
    }));
}

//! The pages of the app: which one is shown, and the state of each, which stays while another is shown.

use std::rc::Rc;

use convscope_page::link::{self, Notice, Page, Parsed};
use convscope_page::model::LabModel;
use convscope_page::stack::StackModel;
use leptos::prelude::Owner;

use crate::derive::Lab;
use crate::platform::{location, page};
use crate::stack::Stack;
use crate::state::State;

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Showing {
    /// One layer, cell by cell.
    Lab,
    /// The lab inside another page.
    Embed,
    /// Receptive fields of a network.
    Stack,
}

/// The state of every page: handles, so that it is copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Pages {
    /// Which of them is shown.
    pub(crate) showing: State<Showing>,
    /// The lab, on its own page and embedded.
    pub(crate) lab: Lab,
    /// The stack page, once it has been asked for.
    stack: State<Option<Stack>>,
    /// Runs an action as if the app itself did, so that what it makes lives as long as the app.
    owned: State<Owned>,
}

/// Runs an action under an owner.
type Owned = Rc<dyn Fn(&mut dyn FnMut())>;

impl Pages {
    /// The page that the address asks for, and the lab, which is never far.
    pub(crate) fn new() -> Self {
        let Parsed { page, notices } = link::parse(&location::fragment());
        let (showing, model) = match page {
            Page::Lab(model) => (Showing::Lab, model),
            Page::Embed(model) => (Showing::Embed, model),
            Page::Stack(model) => return Self::at_stack(model, notices),
        };
        Self::at_lab(showing, model, notices)
    }

    fn at_lab(showing: Showing, model: LabModel, notices: Vec<Notice>) -> Self {
        let lab = Lab::new(model, notices, State::new(showing == Showing::Embed));
        // What the app owns must not keep the app.
        let owner = Owner::current().map(|owner| owner.downgrade());
        let owned: Owned = Rc::new(move |action| {
            if let Some(owner) = owner.as_ref().and_then(|it| it.upgrade()) {
                owner.with(action);
            }
        });
        Self { showing: State::new(showing), lab, stack: State::new(None), owned: State::new(owned) }
    }

    /// Not inlined, as all that follows: it is no part of what runs first.
    #[inline(never)]
    fn at_stack(model: StackModel, notices: Vec<Notice>) -> Self {
        let pages = Self::at_lab(Showing::Stack, LabModel::default(), Vec::new());
        pages.lab.away.set(true);
        pages.begin_stack(model, notices);
        page::set_title(title(Showing::Stack));
        pages
    }

    /// The stack page; made with its example when it is first asked for.
    pub(crate) fn stack(&self) -> Stack {
        match self.stack.get_untracked() {
            Some(stack) => stack,
            None => self.begin_stack(StackModel::default(), Vec::new()),
        }
    }

    fn begin_stack(&self, model: StackModel, notices: Vec<Notice>) -> Stack {
        let mut made = None;
        let mut begin = || made = Some(Stack::new(model.clone(), notices.clone()));
        self.owned.with_untracked(|owned| owned(&mut begin));
        let stack = made.expect("pages are asked for while the app lives");
        self.stack.set(Some(stack));
        stack
    }

    /// Shows what another link says.
    #[inline(never)]
    pub(crate) fn open(&self, fragment: &str) {
        let Parsed { page, notices } = link::parse(fragment);
        match page {
            Page::Lab(model) => {
                self.show(Showing::Lab);
                self.lab.open(fragment, model, notices);
            }
            Page::Embed(model) => {
                self.show(Showing::Embed);
                self.lab.open(fragment, model, notices);
            }
            Page::Stack(model) => {
                match self.stack.get_untracked() {
                    Some(stack) => stack.open(fragment, model, notices),
                    None => {
                        self.begin_stack(model, notices);
                    }
                }
                self.show(Showing::Stack);
            }
        }
    }

    /// Goes to another page as it was left; the present one stays in the browser's history. Whether it is
    /// another one.
    #[inline(never)]
    pub(crate) fn go(&self, to: Showing) -> bool {
        let from = self.showing.get_untracked();
        if from != to {
            location::replace(&self.link(from));
            location::push(&self.link(to));
            self.show(to);
        }
        from != to
    }

    /// The link to a page as it is now.
    fn link(&self, to: Showing) -> String {
        link::write(&match to {
            Showing::Lab => Page::Lab(self.lab.current()),
            Showing::Embed => Page::Embed(self.lab.current()),
            Showing::Stack => Page::Stack(self.stack().model.get_untracked()),
        })
    }

    fn show(&self, to: Showing) {
        if self.showing.get_untracked() == to {
            return;
        }
        self.lab.leave(to == Showing::Stack);
        if let Some(stack) = self.stack.get_untracked() {
            stack.away.set(to != Showing::Stack);
        }
        let embedded = to == Showing::Embed;
        if self.lab.embedded.get_untracked() != embedded {
            self.lab.embedded.set(embedded);
        }
        page::set_title(title(to));
        self.showing.set(to);
    }
}

/// What the browser's tab says.
fn title(page: Showing) -> &'static str {
    match page {
        Showing::Lab | Showing::Embed => "convscope: see convolutions",
        Showing::Stack => "Receptive fields of a network · convscope",
    }
}

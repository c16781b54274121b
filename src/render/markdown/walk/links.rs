//! Links and images on the walk.

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

use super::super::InternalLink;
use super::super::images::LazyImage;
use super::super::links::{Destination, external_tag};
use super::super::shortcode::{Piece, split_placeholders};
use super::Walk;
use crate::site::Problem;

impl<'e> Walk<'e> {
    pub(super) fn start_link(
        &mut self,
        link_type: LinkType,
        url: CowStr<'e>,
        title: CowStr<'e>,
        id: CowStr<'e>,
    ) {
        let title = self.filled(title);
        let url = self.filled(url);
        if link_type != LinkType::Email && Destination::parse(&url) == Destination::External {
            self.rendered.external_links.push(url.to_string());
            if let Some(tag) = external_tag(&url, &title, self.text.settings) {
                self.html(tag.into());
                return;
            }
        }
        let dest_url = match link_type {
            LinkType::Email => url,
            _ => self.resolved(url),
        };
        self.out.push(Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }));
    }

    pub(super) fn start_image(
        &mut self,
        link_type: LinkType,
        url: CowStr<'e>,
        title: CowStr<'e>,
        id: CowStr<'e>,
    ) {
        let title = self.filled(title);
        let url = self.filled(url);
        let dest_url = match Destination::parse(&url) {
            Destination::Empty | Destination::Internal { .. } | Destination::Relative => {
                self.below_page(&url)
            }
            Destination::External | Destination::Fragment(_) | Destination::Other => url,
        };
        if self.text.settings.lazy_async_image {
            self.image = Some(LazyImage::new(&dest_url, &title));
            return;
        }
        self.out.push(Event::Start(Tag::Image {
            link_type,
            dest_url,
            title,
            id,
        }));
    }

    /// Gives back an event that stands outside of lazy images; takes in what stands inside.
    pub(super) fn past_image(&mut self, event: Event<'e>) -> Option<Event<'e>> {
        let Some(image) = &mut self.image else {
            return Some(event);
        };
        match event {
            Event::Start(Tag::Image { .. }) => image.nested += 1,
            Event::End(TagEnd::Image) if image.nested > 0 => image.nested -= 1,
            Event::End(TagEnd::Image) => self.end_image(),
            Event::Text(text) => self.image_text(text),
            Event::Code(text) => self.image_text(text),
            Event::SoftBreak | Event::HardBreak => image.alt.push(' '),
            _ => (),
        }
        None
    }

    fn end_image(&mut self) {
        self.open.pop();
        if let Some(image) = self.image.take() {
            self.html(image.html().into());
        }
    }

    fn image_text(&mut self, text: CowStr<'e>) {
        let text = self.with_emoji(text);
        for piece in split_placeholders(&text) {
            let Piece::Text(text) = piece else { continue };
            self.title_part(text);
            if let Some(image) = &mut self.image {
                image.alt.push_str(text);
            }
        }
    }

    /// Where a link on this site leads.
    fn resolved(&mut self, url: CowStr<'e>) -> CowStr<'e> {
        match Destination::parse(&url) {
            Destination::Empty => {
                let problem = Problem::error("a link leads nowhere")
                    .way_out("write where it leads between its parentheses");
                self.tell_all([problem]);
                url
            }
            Destination::Internal { path, fragment } => {
                let permalink = self.internal(path, fragment, &url);
                permalink.map_or_else(|| url.clone(), Into::into)
            }
            Destination::Fragment(fragment) if !self.text.permalink.is_empty() => {
                let path = self.text.file;
                let path = path.strip_prefix("content/").unwrap_or(path);
                self.record(path, Some(fragment), self.offset);
                self.below_page(&url)
            }
            Destination::Relative => self.below_page(&url),
            Destination::External | Destination::Fragment(_) | Destination::Other => url,
        }
    }

    /// The URL of `@/path#fragment`, written as `url`.
    fn internal(&mut self, path: &str, fragment: Option<&str>, url: &str) -> Option<String> {
        let offset = self.definitions.get(url).copied();
        let offset = offset.unwrap_or(self.offset);
        let Some(mut permalink) = self.world.permalink(path) else {
            let problem = Problem::error(format!("the link `{url}` leads to no page"))
                .way_out("write `@/` and the path of a Markdown file below `content/`");
            self.tell(problem, offset);
            return None;
        };
        self.record(path, fragment, offset);
        if let Some(fragment) = fragment {
            permalink.extend(["#", fragment]);
        }
        Some(permalink)
    }

    fn record(&mut self, path: &str, fragment: Option<&str>, offset: usize) {
        let link = InternalLink {
            path: path.into(),
            fragment: fragment.filter(|id| !id.is_empty()).map(Into::into),
            line: self.line(offset),
        };
        self.rendered.internal_links.push(link);
    }

    /// A relative URL, seen from the site; the page's folder is its own permalink.
    fn below_page(&self, url: &CowStr<'e>) -> CowStr<'e> {
        match self.text.permalink {
            "" => url.clone(),
            permalink => format!("{permalink}{url}").into(),
        }
    }
}

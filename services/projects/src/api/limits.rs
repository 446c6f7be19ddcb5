//! The limits of the model as the API's document says them: from the very numbers that the model checks by.

use base::schema::{line, prose, whole};
use utoipa::openapi::{Array, ObjectBuilder, schema::ArrayBuilder};

use crate::{
    actions::create_programme::CODE_CHARS_MAX,
    model::{
        import::cells::EMAIL_CHARS_MAX,
        milestone::DAYS_MAX,
        participant::{AREAS_MAX, NAME_CHARS_MAX, NUMBER_CHARS_MAX, QUOTA_MAX, WORD_CHARS_MAX},
        proposal::{self, REQUEST_CHARS_MAX, REQUESTS_MAX, VERSIONS_MAX},
        topic::{CAPACITY_MAX, SUMMARY_CHARS_MAX, TITLE_CHARS_MAX},
    },
};

pub(super) fn programme_code() -> ObjectBuilder {
    line(CODE_CHARS_MAX)
}

pub(super) fn title() -> ObjectBuilder {
    line(TITLE_CHARS_MAX)
}

pub(super) fn optional_title() -> ObjectBuilder {
    prose(TITLE_CHARS_MAX)
}

pub(super) fn topic_summary() -> ObjectBuilder {
    prose(SUMMARY_CHARS_MAX)
}

pub(super) fn capacity() -> ObjectBuilder {
    whole(1, CAPACITY_MAX.into()).description(Some("How many projects it takes."))
}

pub(super) fn quota() -> ObjectBuilder {
    whole(0, QUOTA_MAX)
}

/// A classroom, an academic title, an area of work.
pub(super) fn word() -> ObjectBuilder {
    prose(WORD_CHARS_MAX)
}

pub(super) fn areas() -> Array {
    ArrayBuilder::new().items(word()).max_items(Some(AREAS_MAX)).build()
}

pub(super) fn person_name() -> ObjectBuilder {
    prose(NAME_CHARS_MAX).description(Some("One of the two names is enough."))
}

pub(super) fn invited_email() -> ObjectBuilder {
    line(EMAIL_CHARS_MAX).description(Some("Where the invitation goes."))
}

pub(super) fn person_number() -> ObjectBuilder {
    prose(NUMBER_CHARS_MAX).description(Some("Student or staff number."))
}

pub(super) fn opens_days() -> ObjectBuilder {
    whole(0, DAYS_MAX.into()).description(Some("Days from the start of a project to the opening of the window."))
}

pub(super) fn due_days() -> ObjectBuilder {
    whole(0, DAYS_MAX.into()).description(Some("Days from the start of a project to the deadline."))
}

pub(super) fn proposal_text() -> ObjectBuilder {
    prose(proposal::SUMMARY_CHARS_MAX as usize)
}

pub(super) fn reason() -> ObjectBuilder {
    prose(REQUEST_CHARS_MAX)
}

pub(super) fn topic_reason() -> ObjectBuilder {
    reason().description(Some("Why; wanted when a topic is returned."))
}

pub(super) fn feedback() -> ObjectBuilder {
    reason().description(Some("Wanted when it is returned or waived."))
}

pub(super) fn requests() -> Array {
    ArrayBuilder::new().items(prose(REQUEST_CHARS_MAX)).max_items(Some(REQUESTS_MAX)).build()
}

/// The number of a request for a change: counted from 1, over all versions of a proposal.
pub(super) fn request_position() -> ObjectBuilder {
    whole(1, REQUESTS_MAX as u32 * VERSIONS_MAX)
}

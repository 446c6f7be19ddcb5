//! The service's table of contents: every page and every operation, with the action that each one is.

use axum::routing::{get, post};
use contracts::roles::VOCABULARY;
use utoipa::openapi::OpenApi;
use web::{Held, NavItem, Routes, Service, Site, routes};

use crate::{Parts, Projects, api, error, pages, policy as p};

/// What every process knows of this service.
pub static SITE: Site = Site {
    name: "projects",
    vocabulary: &VOCABULARY,
    nav: &[
        NavItem {
            label: "projects-nav-tasks",
            href: "/",
            icon: "tasks",
            order: 10,
            action: &p::LIST_TASKS,
            held: Held::Anywhere,
        },
        NavItem {
            label: "projects-nav-topics",
            href: "/topics",
            icon: "book",
            order: 20,
            action: &p::LIST_TOPICS,
            held: Held::Anywhere,
        },
        NavItem {
            label: "projects-nav-projects",
            href: "/projects",
            icon: "file",
            order: 30,
            action: &p::LIST_PROJECTS,
            held: Held::Anywhere,
        },
        NavItem {
            label: "projects-nav-supervision",
            href: "/supervision",
            icon: "queue",
            order: 40,
            action: &p::READ_QUEUE,
            held: Held::Anywhere,
        },
        NavItem {
            label: "projects-nav-overview",
            href: "/overview",
            icon: "chart",
            order: 50,
            action: &p::OVERSEE_CYCLE,
            held: Held::Anywhere,
        },
        NavItem {
            label: "nav-import",
            href: "/import",
            icon: "import",
            order: 60,
            action: &p::IMPORT,
            held: Held::WholeTenant,
        },
    ],
    texts: &[
        ("en", include_str!("../texts/en.ftl")),
        ("en", include_str!("../texts/import.en.ftl")),
        ("lo", include_str!("../texts/lo.ftl")),
        ("lo", include_str!("../texts/import.lo.ftl")),
    ],
    codes: error::CODES,
};

/// Returns the service, ready to be served.
pub fn service(parts: Parts) -> Service {
    routes().with_state(Projects::from(parts))
}

/// Returns the description of the service's API.
pub fn openapi() -> OpenApi {
    routes().openapi()
}

fn routes() -> Routes<Projects> {
    let routes = pages::import::routes(cycle_pages(pages(Routes::new("projects", &VOCABULARY))));
    api::import::routes(operations(routes))
}

fn pages(routes: Routes<Projects>) -> Routes<Projects> {
    routes
        .page(p::LIST_TASKS, "/", get(pages::tasks::show))
        .page(p::LIST_TOPICS, "/topics", get(pages::topics::show))
        .page(p::CREATE_TOPIC, "/topics/new", get(pages::new_topic::show).post(pages::new_topic::create))
        .page(p::LIST_TOPICS, "/topics/{topic}", get(pages::topic::show))
        .page(
            p::CHANGE_TOPIC,
            "/topics/{topic}/change",
            get(pages::change_topic::show).post(pages::change_topic::change),
        )
        .page(p::MOVE_TOPIC, "/topics/{topic}/steps", post(pages::topic::step))
        .page(p::MOVE_TOPIC, "/topics/{topic}/return", get(pages::return_topic::show).post(pages::return_topic::submit))
        .page(p::PROPOSE, "/propose", get(pages::propose::show).post(pages::propose::submit))
        .page(p::LIST_PROJECTS, "/projects", get(pages::projects::show))
        .page(p::READ_PROJECT, "/projects/{project}", get(pages::project::show))
        .page(p::APPROVE, "/projects/{project}/approve", post(pages::project::approve))
        .page(p::CONFIRM, "/projects/{project}/confirm", post(pages::project::confirm))
        .page(p::DECLINE, "/projects/{project}/decline", post(pages::project::decline))
        .page(
            p::REQUEST_CHANGES,
            "/projects/{project}/changes",
            get(pages::change_request::show).post(pages::change_request::submit),
        )
        .page(
            p::SUBMIT_PROPOSAL,
            "/projects/{project}/resubmit",
            get(pages::resubmit::show).post(pages::resubmit::submit),
        )
        .page(p::TAKE_STEP, "/projects/{project}/steps/{action}", get(pages::step::show).post(pages::step::submit))
        .page(
            p::SUBMIT_FINAL,
            "/projects/{project}/final",
            get(pages::final_submission::show).post(pages::final_submission::submit),
        )
        .page(p::READ_PROJECT, "/milestones/{milestone}", get(pages::milestone::show))
        .page(p::SUBMIT_MILESTONE, "/milestones/{milestone}/submit", post(pages::milestone::submit))
        .page(p::REVIEW_MILESTONE, "/milestones/{milestone}/review", post(pages::milestone::review))
        .page(p::READ_PROJECT, "/receipts/{submission}", get(pages::receipt::show))
        .page(p::READ_PROJECT, "/submissions/{submission}/file", get(pages::download::show))
        .page(p::READ_QUEUE, "/supervision", get(pages::supervision::show))
}

/// The pages from which a cycle is run.
fn cycle_pages(routes: Routes<Projects>) -> Routes<Projects> {
    routes
        .page(p::OVERSEE_CYCLE, "/overview", get(pages::overview::show))
        .page(p::CREATE_CYCLE, "/cycles/new", get(pages::new_cycle::show).post(pages::new_cycle::create))
        .page(
            p::CHANGE_CYCLE,
            "/cycles/{cycle}/change",
            get(pages::change_cycle::show).post(pages::change_cycle::submit),
        )
        .page(
            p::CHANGE_CYCLE,
            "/cycles/{cycle}/milestones",
            get(pages::plan_cycle::show).post(pages::plan_cycle::submit),
        )
        .page(p::MOVE_CYCLE, "/cycles/{cycle}/open", get(pages::open_cycle::show))
        .page(p::MOVE_CYCLE, "/cycles/{cycle}/steps", post(pages::overview::step))
        .page(p::CREATE_TEMPLATE, "/milestone-templates", get(pages::templates::show))
        .page(
            p::CREATE_TEMPLATE,
            "/milestone-templates/new",
            get(pages::new_template::show).post(pages::new_template::create),
        )
        .page(
            p::RENAME_TEMPLATE,
            "/milestone-templates/{template}/rename",
            get(pages::rename_template::show).post(pages::rename_template::submit),
        )
        .page(
            p::DELETE_TEMPLATE,
            "/milestone-templates/{template}/delete",
            get(pages::delete_template::show).post(pages::delete_template::submit),
        )
        .page(
            p::ENROL,
            "/cycles/{cycle}/students/new",
            get(pages::enrol::student::show).post(pages::enrol::student::submit),
        )
        .page(
            p::ENROL,
            "/cycles/{cycle}/supervisors/new",
            get(pages::enrol::supervisor::show).post(pages::enrol::supervisor::submit),
        )
}

fn operations(routes: Routes<Projects>) -> Routes<Projects> {
    let routes = routes
        .api(p::LIST_TASKS, routes!(api::list_tasks::list_tasks))
        .api(p::LIST_CYCLES, routes!(api::list_cycles::list_cycles))
        .api(p::CREATE_CYCLE, routes!(api::create_cycle::create_cycle))
        .api(p::LIST_CYCLES, routes!(api::show_cycle::show_cycle))
        .api(p::CHANGE_CYCLE, routes!(api::change_cycle::change_cycle))
        .api(p::MOVE_CYCLE, routes!(api::move_cycle::move_cycle))
        .api(p::OVERSEE_CYCLE, routes!(api::show_overview::show_overview))
        .api(p::ENROL, routes!(api::enrol::enrol_student))
        .api(p::ENROL, routes!(api::enrol::enrol_new_student))
        .api(p::ENROL, routes!(api::enrol::enrol_supervisor))
        .api(p::ENROL, routes!(api::enrol::enrol_new_supervisor))
        .api(p::LIST_SUPERVISORS, routes!(api::list_supervisors::list_supervisors))
        .api(p::LIST_PROGRAMMES, routes!(api::list_programmes::list_programmes))
        .api(p::CREATE_PROGRAMME, routes!(api::create_programme::create_programme))
        .api(p::LIST_TEMPLATES, routes!(api::list_templates::list_templates))
        .api(p::CREATE_TEMPLATE, routes!(api::create_template::create_template))
        .api(p::RENAME_TEMPLATE, routes!(api::rename_template::rename_template))
        .api(p::DELETE_TEMPLATE, routes!(api::delete_template::delete_template))
        .api(p::LIST_TOPICS, routes!(api::list_topics::list_topics))
        .api(p::CREATE_TOPIC, routes!(api::create_topic::create_topic))
        .api(p::LIST_TOPICS, routes!(api::show_topic::show_topic))
        .api(p::CHANGE_TOPIC, routes!(api::change_topic::change_topic))
        .api(p::MOVE_TOPIC, routes!(api::move_topic::move_topic));
    project_operations(routes)
}

fn project_operations(routes: Routes<Projects>) -> Routes<Projects> {
    routes
        .api(p::LIST_PROJECTS, routes!(api::list_projects::list_projects))
        .api(p::PROPOSE, routes!(api::propose::propose))
        .api(p::READ_PROJECT, routes!(api::show_project::show_project))
        .api(p::READ_PROJECT, routes!(api::list_history::list_history))
        .api(p::READ_PROJECT, routes!(api::list_submissions::list_submissions))
        .api(p::TAKE_STEP, routes!(api::take_step::take_step))
        .api(p::CONFIRM, routes!(api::confirm_membership::confirm_membership))
        .api(p::DECLINE, routes!(api::decline_membership::decline_membership))
        .api(p::SUBMIT_PROPOSAL, routes!(api::submit_proposal::submit_proposal))
        .api(p::REQUEST_CHANGES, routes!(api::request_changes::request_changes))
        .api(p::APPROVE, routes!(api::approve::approve))
        .api(p::READ_PROJECT, routes!(api::show_milestone::show_milestone))
        .api(p::SUBMIT_MILESTONE, routes!(api::submit_milestone::submit_milestone))
        .api(p::REVIEW_MILESTONE, routes!(api::review_milestone::review_milestone))
        .api(p::SUBMIT_FINAL, routes!(api::submit_final::submit_final))
        .api(p::READ_PROJECT, routes!(api::show_submission::show_submission))
        .api(p::READ_PROJECT, routes!(api::download::download))
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_schemas_share_a_name() {
        assert_eq!(super::routes().collisions(), [""; 0]);
    }
}

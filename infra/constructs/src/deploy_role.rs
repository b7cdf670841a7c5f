//! What CloudFormation must be allowed to make, change and remove a stack, and no more.
//!
//! Each type's schema says which calls its handlers make; their union over a template is what the
//! role needs that CloudFormation is given with `--role-arn`, so that whoever deploys needs no more
//! than to pass it.

use std::collections::{BTreeMap, BTreeSet};

use infra_core::policy::{Action, Document, Statement};
use infra_core::{Node, Template, ToNode, Value, json};

use crate::grant;

/// The largest managed policy, in characters without white space; a role takes ten of them.
///
/// The policies inside a role may have 10,240 together, which a stack of some size goes beyond:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
pub const LONGEST_POLICY: usize = 6_144;

/// Most actions of a statement: with the longest names they still fit into a policy.
const MOST_ACTIONS: usize = 100;

/// The call with which a service is given a role; bounded by the service, since the role is yet to be made.
const PASS_ROLE: &str = "iam:PassRole";

/// The permissions of the role that deploys stacks.
#[derive(Debug)]
pub struct DeployRole {
    /// Policies of at most [`LONGEST_POLICY`], sorted by service and action.
    pub policies: Vec<Document>,
    /// Types whose schema does not say what its handlers call; their calls are missing.
    pub silent: BTreeSet<&'static str>,
}

/// The permissions for the resources of these templates.
///
/// The calls of a type's `list` handler are left out: no deployment lists.
pub fn of<'a>(templates: impl IntoIterator<Item = &'a Template>) -> DeployRole {
    let (mut actions, mut passed_to, mut silent) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (_, kind, properties) in templates.into_iter().flat_map(Template::resources) {
        let handlers = infra_resources::facts(kind).map(|facts| facts.handlers);
        match handlers.filter(|handlers| !handlers.create.is_empty()) {
            Some(it) => actions.extend([it.create, it.read, it.update, it.delete].concat()),
            None => _ = silent.insert(kind),
        }
        if kind == "AWS::IAM::Role" {
            passed_to.extend(
                properties
                    .get("AssumeRolePolicyDocument")
                    .map(services)
                    .unwrap_or_default(),
            );
        }
    }
    let passes = actions.remove(PASS_ROLE);
    let mut by_service: BTreeMap<&str, Vec<Action>> = BTreeMap::new();
    for action in actions {
        let service = action.split(':').next().unwrap_or(action);
        by_service.entry(service).or_default().push(Action::new(action));
    }
    let mut statements: Vec<Statement> = by_service
        .iter()
        .flat_map(|(service, actions)| {
            let sid = grant::pascal(&service.replace('-', "_"));
            let parts = actions.chunks(MOST_ACTIONS).zip(1..);
            parts.map(move |(part, number)| {
                let sid = if number == 1 {
                    sid.clone()
                } else {
                    format!("{sid}{number}")
                };
                Statement::allow(sid, part.iter().copied()).everywhere("what a stack makes has no ARN beforehand")
            })
        })
        .collect();
    if passes {
        statements.push(pass_role(passed_to));
    }
    DeployRole {
        policies: policies(statements),
        silent,
    }
}

/// The services that a trust policy lets take on its role.
fn services(trust: &Node) -> BTreeSet<String> {
    let mut services = BTreeSet::new();
    trust.walk(&mut |node| match node.get("Service") {
        Some(Node::Text(name)) => _ = services.insert(name.to_string()),
        Some(Node::List(names)) => services.extend(names.iter().filter_map(|name| match name {
            Node::Text(name) => Some(name.to_string()),
            _ => None,
        })),
        _ => {}
    });
    services
}

/// Lets roles be passed to these services, or where there are none, as the roles are from elsewhere, to any.
fn pass_role(services: BTreeSet<String>) -> Statement {
    let pass = Statement::allow("PassRole", [Action::new(PASS_ROLE)]).everywhere("the service is the bound");
    if services.is_empty() {
        return pass;
    }
    let services: Vec<Value<String>> = services.into_iter().map(Value::from).collect();
    pass.when("StringEquals", "iam:PassedToService", services)
}

/// Puts the statements into as few policies as hold them in this order.
fn policies(statements: Vec<Statement>) -> Vec<Document> {
    let mut pages: Vec<Vec<Statement>> = Vec::new();
    for statement in statements {
        match pages.last_mut() {
            Some(page) if length(page.iter().chain([&statement])) <= LONGEST_POLICY => page.push(statement),
            _ => pages.push(vec![statement]),
        }
    }
    pages.into_iter().map(Document::new).collect()
}

/// What IAM counts: the document without white space.
fn length<'a>(statements: impl Iterator<Item = &'a Statement>) -> usize {
    json::to_string(&Document::new(statements.cloned()).to_node()).len()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use infra_core::policy::{Action, Document, Principal, Statement};
    use infra_core::{Template, ToNode, action, json};
    use infra_resources::{iam, lambda, sqs};

    use super::{LONGEST_POLICY, MOST_ACTIONS, length, of, policies};

    fn texts(policies: &[Document]) -> Vec<String> {
        let text = |document: &Document| json::to_string(&document.clone().to_node());
        policies.iter().map(text).collect()
    }

    fn trust(service: &'static str) -> Document {
        Document::new([Statement::allow("Assume", [action!("sts:AssumeRole")]).to(Principal::Service(service))])
    }

    #[test]
    fn what_the_handlers_call_is_allowed_and_nothing_else() {
        let mut template = Template::new("");
        template.add("Queue", sqs::Queue::new());
        let role = of([&template]);
        let expected: BTreeSet<&str> = {
            let it = infra_resources::facts("AWS::SQS::Queue").unwrap().handlers;
            [it.create, it.read, it.update, it.delete]
                .concat()
                .into_iter()
                .collect()
        };
        let allowed = role
            .policies
            .iter()
            .flat_map(Document::statements)
            .flat_map(Statement::actions);
        let allowed: Vec<&str> = allowed.map(|action| action.as_str()).collect();
        assert_eq!(allowed, expected.into_iter().collect::<Vec<_>>());
        assert!(allowed.contains(&"sqs:CreateQueue") && !allowed.contains(&"sqs:ListQueues"));
        assert!(role.silent.is_empty());
    }

    #[test]
    fn roles_are_passed_to_the_services_that_take_them_on() {
        let mut template = Template::new("");
        let role = template.add("A", iam::Role::new(trust("lambda.amazonaws.com")));
        template.add("B", iam::Role::new(trust("firehose.amazonaws.com")));
        let mut other = Template::new("");
        let code = lambda::function::Code::new();
        other.add("Function", lambda::Function::new(code, role.arn()));
        let role = of([&template, &other]);
        let text = texts(&role.policies).concat();
        let pass = r#"{"Sid":"PassRole","Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":["firehose.amazonaws.com","lambda.amazonaws.com"]}}}"#;
        assert!(text.contains(pass), "{text}");
        assert_eq!(text.matches("iam:PassRole").count(), 1);
    }

    #[test]
    fn a_full_policy_is_followed_by_another() {
        let one = Statement::allow("One", vec![action!("sqs:SendMessage"); 250]).everywhere("a test");
        let pages = policies(vec![one.clone(), one.clone(), one.clone()]);
        assert_eq!(
            pages.iter().map(|page| page.statements().len()).collect::<Vec<_>>(),
            [1, 1, 1]
        );
        let small = Statement::allow("Two", [action!("sqs:SendMessage")]).everywhere("a test");
        assert_eq!(policies(vec![one, small.clone(), small]).len(), 1);
    }

    /// Every type that is compiled, at once.
    #[test]
    fn no_statement_is_longer_than_a_policy() {
        let mut by_service: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for facts in infra_resources::all_facts() {
            let it = facts.handlers;
            for action in [it.create, it.read, it.update, it.delete].concat() {
                by_service
                    .entry(action.split(':').next().unwrap())
                    .or_default()
                    .insert(action);
            }
        }
        for (service, actions) in by_service {
            let actions: Vec<Action> = actions.into_iter().map(Action::new).collect();
            for part in actions.chunks(MOST_ACTIONS) {
                let statement = Statement::allow("ElasticLoadBalancing2", part.iter().copied()).everywhere("a test");
                let length = length([&statement].into_iter());
                assert!(length <= LONGEST_POLICY, "{service}: {length}");
            }
        }
    }
}

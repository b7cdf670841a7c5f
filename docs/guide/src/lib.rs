//! Orders arrive in a queue; a function puts them into a table.

use infra_constructs::queue::{DeadLetters, Queue};
use infra_constructs::table::{Attribute, Table};
use infra_constructs::{event_source, function::Function, grant, key::Key};
use infra_core::{Asset, Stack, Template};
use infra_resources::lambda::function::Architecture;

contract_kit::environment! {
    /// What the function is told: the stack sets it, the function reads it.
    pub OrdersEnv {
        /// The table that orders go into.
        table = "TABLE",
    }
}

contract_kit::needs! {
    /// What the function calls; its role may do nothing else.
    OrdersNeeds { table: contract_kit::operation::dynamodb::Table [PUT_ITEM] }
}

/// The stack; `prefix` keeps one deployment of it apart from another.
pub fn stack(prefix: &str) -> Stack {
    let (name, keep) = (format!("{prefix}-orders"), false);
    let mut template = Template::new("Orders: a queue, a function and a table");
    let (t, code) = (&mut template, Asset::of("guide-orders"));
    let (code_bucket, [code_key]) = infra_constructs::code::parameters(t, [&code]);

    let key = Key { description: "Orders".to_owned(), alias: name.clone(), keep }.add(t, "Key");
    let dead_letters = DeadLetters { name: format!("{name}-dead"), key: &key }.add(t, "DeadLetters");
    let queue = Queue { name: name.clone(), key: &key, dead_letters: &dead_letters, attempts: 3, hidden_seconds: 60 };
    let queue = queue.add(t, "Queue");
    let table = Table { keep, ..Table::new(name.clone(), Attribute::Text("id"), &key) }.add(t, "Table");
    let function = Function {
        name: name.clone(),
        description: "Puts orders into the table",
        code_bucket,
        code_key,
        architecture: Architecture::X86_64,
        memory_mib: 128,
        timeout_seconds: 10,
        concurrency: None,
        variables: OrdersEnv { table: table.reference().text() }.variables(),
        grants: [event_source::receive(&queue), OrdersNeeds { table: grant::on(table.arn()) }.grants()].concat(),
        key: &key,
        dead_letters: &dead_letters,
        log_days: 7,
    };
    let function = function.add(t, "Function");
    event_source::Messages { queue: &queue, function: &function, batch: 10 }.add(t, "Orders");
    t.output("QueueUrl", "Where orders are sent", queue.reference());
    t.output("TableName", "Where orders are kept", table.reference());
    Stack { assets: vec![code], ..Stack::new(name, template) }
}

//! `guide synth|deploy|outputs|destroy`.

fn main() -> std::process::ExitCode {
    infra_deploy::app::run(|prefix| vec![guide::stack(prefix)])
}

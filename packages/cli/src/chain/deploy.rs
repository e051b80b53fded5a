//! `deploy`: codes and contracts on a chain.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use noderev_operations::deploy::{self, Artifacts, Check, DeployError, Done, Order, Plan};
use noderev_operations::{Deployment, Manifest};
use serde_json::json;

use super::session::read;
use super::{CommandError, Connection, Sending, Session};
use crate::answer::{Answer, Exit};
use crate::format::thousands;
use crate::table;

/// Folder of the contracts' wasm, unless it is named.
const ARTIFACTS: &str = "artifacts";

/// Store the contracts' code, create the contracts, compare them with their manifest.
///
/// Everything may be stopped at any moment and run again: what is on chain is not sent again.
#[derive(Debug, Args)]
pub struct Deploy {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Show what is missing on chain and where the contracts will be; send nothing. Exit code 1 if
    /// something is in the way, which is listed below the plan.
    Plan(Asked),
    /// Do what is missing.
    Apply(Asked),
    /// Compare code, admins, wiring, roles, parameters, books and balances on chain with the
    /// manifest and the artifacts; exit code 1 with every difference.
    Verify(Asked),
    /// Store the artifacts' code where it differs from what runs, and put it in place: all contracts
    /// or none. The sender must be their admin.
    ///
    /// A contract refuses code of the version that it has, or of an older one.
    Migrate(Asked),
}

/// What is to be deployed, where, by whom.
#[derive(Debug, Args)]
struct Asked {
    /// TOML file with every parameter and role; manifests/ has some with explanations.
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// Create the tokens that the manifest gives no address of, as test tokens whose minter is the
    /// deployer.
    #[arg(long)]
    with_test_token: bool,
    /// Folder of the contracts' wasm: artifacts/ unless given. There every file must have the
    /// checksum of checksums.txt; in another folder only if it has such a file.
    #[arg(long, value_name = "DIR")]
    artifacts: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    sending: Sending,
}

/// What was read from files.
struct Files {
    manifest: Manifest,
    artifacts: Artifacts,
}

impl Deploy {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        match self.step {
            Step::Plan(asked) => asked.plan(json),
            Step::Apply(asked) => asked.apply(json),
            Step::Verify(asked) => asked.verify(json),
            Step::Migrate(asked) => asked.migrate(json),
        }
    }
}

impl Asked {
    fn open(&self, json: bool) -> Result<Session, CommandError> {
        self.sending.refuse_printing()?;
        self.connection.open_to_send(&self.sending, json)
    }

    fn files(&self) -> Result<Files, CommandError> {
        let manifest = Manifest::parse(&read(&self.manifest)?);
        let manifest = manifest.map_err(|error| CommandError::File {
            path: self.manifest.clone(),
            reason: error.to_string(),
        })?;
        let artifacts = match &self.artifacts {
            Some(folder) => Artifacts::read(folder, false)?,
            None => Artifacts::read(Path::new(ARTIFACTS), true)?,
        };
        Ok(Files {
            manifest,
            artifacts,
        })
    }

    const fn order<'a>(&self, files: &'a Files, deployer: &'a str) -> Order<'a> {
        Order {
            manifest: &files.manifest,
            artifacts: &files.artifacts,
            test_token: self.with_test_token,
            deployer,
        }
    }

    fn plan(self, json: bool) -> Result<Answer, CommandError> {
        let (session, files) = (self.open(json)?, self.files()?);
        let deployer = session.sender()?;
        let order = self.order(&files, &deployer);
        let plan = planned(&session, &order)?;
        let found = deploy::hindrances(session.client(), &order, &plan, &deployer)?;
        let exit = match found.is_empty() {
            true => Exit::Done,
            false => Exit::Failed,
        };
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        let text = match json {
            true => in_json(&plan, &found),
            false => format!("{}{}", in_words(&plan), list(&found)),
        };
        Ok(Answer { text, exit })
    }

    fn verify(self, json: bool) -> Result<Answer, CommandError> {
        let (session, files) = (self.connection.open(json)?, self.files()?);
        let deployment = session.deployment()?;
        let order = self.order(&files, &deployment.deployer);
        let checks = deploy::verify(session.client(), &order, &deployment)?;
        Ok(compared(&checks, json))
    }

    fn apply(self, json: bool) -> Result<Answer, CommandError> {
        if self.sending.only_shows() {
            return self.plan(json);
        }
        let (mut session, files) = (self.open(json)?, self.files()?);
        let deployer = session.sender()?;
        let order = self.order(&files, &deployer);
        let plan = planned(&session, &order)?;
        if plan.is_done() {
            // Writes the state file if it was lost.
            plan.deployment.write(session.deployment_path())?;
            return Ok(applied(&session, &plan.deployment, &[]));
        }
        deploy::ensure_possible(session.client(), &order, &plan, &deployer)?;
        let fee = session.fee(deploy::gas(&order, &plan)?);
        let plan_text = in_words(&plan);
        session.ask(&format!("{plan_text}\nGo on, for at most about {fee}?"))?;
        let file = session.deployment_path().to_owned();
        let (signer, client) = session.signer()?;
        let (deployment, done) = shown(&plan, |tell| {
            deploy::apply(client, signer, &order, &file, tell)
        })?;
        Ok(applied(&session, &deployment, &done))
    }

    fn migrate(self, json: bool) -> Result<Answer, CommandError> {
        let (mut session, files) = (self.open(json)?, self.files()?);
        let (sender, known) = (session.sender()?, session.deployment()?);
        let order = self.order(&files, &known.deployer);
        let plan = deploy::plan_migration(session.client(), &order, &known, &sender)?;
        if self.sending.only_shows() {
            return Ok(Answer::done(match json {
                true => in_json(&plan, &[]),
                false => to_migrate(&plan),
            }));
        }
        if !plan.is_done() {
            let fee = session.fee(deploy::gas(&order, &plan)?);
            let plan_text = to_migrate(&plan);
            session.ask(&format!("{plan_text}\nGo on, for at most about {fee}?"))?;
        }
        let file = session.deployment_path().to_owned();
        let (signer, client) = session.signer()?;
        let (deployment, done) = shown(&plan, |tell| {
            deploy::migrate(client, signer, &order, &file, tell)
        })?;
        Ok(applied(&session, &deployment, &done))
    }
}

/// Does what a plan says under a bar; answers the steps, too.
fn shown(
    plan: &Plan,
    act: impl FnOnce(&mut dyn FnMut(&Done)) -> Result<Deployment, DeployError>,
) -> Result<(Deployment, Vec<Done>), CommandError> {
    let steps = plan.codes.len().saturating_add(1);
    let bar = table::progress(u64::try_from(steps).unwrap_or(0), "deploying");
    bar.tick();
    let mut done = Vec::new();
    let deployment = act(&mut |step| {
        bar.inc(1);
        done.push(step.clone());
    })?;
    bar.finish_and_clear();
    Ok((deployment, done))
}

/// What a migration would do.
fn to_migrate(plan: &Plan) -> String {
    if plan.is_done() {
        return "every contract runs the artifacts' code".to_owned();
    }
    let names = |names: &[String]| match names.is_empty() {
        true => "nothing".to_owned(),
        false => names.join(", "),
    };
    format!(
        "store {}, put it in place of the code of {}",
        names(&plan.codes),
        names(&plan.contracts)
    )
}

/// What was compared, differences last.
fn compared(checks: &[Check], json: bool) -> Answer {
    let different = checks.iter().filter(|check| !check.right).count();
    let exit = match different {
        0 => Exit::Done,
        _ => Exit::Failed,
    };
    if json {
        let text = json!({ "checks": checks, "different": different }).to_string();
        return Answer { text, exit };
    }
    let mut table = Table::new();
    table
        .load_preset(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["", "", "expected", "found", ""]);
    let (right, wrong): (Vec<_>, Vec<_>) = checks.iter().partition(|check| check.right);
    for check in right.into_iter().chain(wrong) {
        let verdict = if check.right { "" } else { "DIFFERENT" };
        let found = if check.right && check.found == check.expected {
            "the same"
        } else {
            &check.found
        };
        let (subject, what) = (&check.subject, &check.what);
        table.add_row([subject, what, &check.expected, found, verdict]);
    }
    let text = format!("{table}\n{} compared, {different} different", checks.len());
    Answer { text, exit }
}

/// What is missing.
fn planned(session: &Session, order: &Order<'_>) -> Result<Plan, CommandError> {
    let client = session.client();
    let known = Deployment::find(session.deployment_path(), &client.network().chain_id)?;
    Ok(deploy::plan(client, order, known.as_ref())?)
}

/// What is in the way, below a plan.
fn list(hindrances: &[String]) -> String {
    let lines = hindrances.iter().map(|one| format!("\nin the way: {one}"));
    lines.collect()
}

fn in_json(plan: &Plan, hindrances: &[String]) -> String {
    json!({
        "hindrances": hindrances,
        "codes": plan.codes,
        "contracts": plan.contracts,
        "deployment": plan.deployment,
    })
    .to_string()
}

fn in_words(plan: &Plan) -> String {
    let deployment = &plan.deployment;
    let mut lines = vec![format!(
        "{} by {}; epoch 0 begins at {} (Unix seconds), epochs have {} s",
        deployment.chain_id,
        deployment.deployer,
        deployment.clock.start.seconds(),
        deployment.clock.length
    )];
    for (name, code) in &deployment.codes {
        let state = match code.id {
            Some(id) => format!("code {id}"),
            None => "to store".to_owned(),
        };
        lines.push(format!("{state:12} {name:22} {}", code.checksum));
    }
    for (name, contract) in &deployment.contracts {
        let state = match contract.created {
            true => "there",
            false => "to create",
        };
        lines.push(format!("{state:12} {name:22} {}", contract.address));
    }
    if plan.is_done() {
        lines.push("nothing is missing".to_owned());
    }
    lines.join("\n")
}

fn applied(session: &Session, deployment: &Deployment, done: &[Done]) -> Answer {
    if session.json {
        let steps = done.iter().map(|step| match step {
            Done::Stored { name, id, gas } => json!({ "stored": name, "id": id, "gas_used": gas }),
            Done::Created { names, gas } => json!({ "created": names, "gas_used": gas }),
            Done::Migrated { names, gas } => json!({ "migrated": names, "gas_used": gas }),
        });
        let steps: Vec<_> = steps.collect();
        return Answer::done(json!({ "done": steps, "deployment": deployment }).to_string());
    }
    let gas = |gas: &Option<u64>| {
        gas.map_or_else(String::new, |gas| {
            format!(", {} gas", thousands(gas.into()))
        })
    };
    let mut lines: Vec<String> = done
        .iter()
        .map(|step| match step {
            Done::Stored {
                name,
                id,
                gas: used,
            } => {
                format!("stored {name} as code {id}{}", gas(used))
            }
            Done::Created { names, gas: used } => {
                format!("created {}{}", names.join(", "), gas(used))
            }
            Done::Migrated { names, gas: used } => {
                format!("migrated {}{}", names.join(", "), gas(used))
            }
        })
        .collect();
    if done.is_empty() {
        lines.push("nothing was missing, nothing was sent".to_owned());
    }
    let contracts = deployment.contracts.iter();
    lines.extend(contracts.map(|(name, contract)| format!("{name:22} {}", contract.address)));
    lines.push(format!(
        "written to {}",
        session.deployment_path().display()
    ));
    Answer::done(lines.join("\n"))
}

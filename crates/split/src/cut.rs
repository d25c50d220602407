//! Several modules from one.
//!
//! All share the memory, the table and the globals of the first. A function of a later part has a slot in the
//! table and, in the first module, a stub that calls through this slot, after asking JavaScript to load the
//! part should that not have happened. A later part imports all else, stubs included, from the first, fills
//! its slots, and brings its share of the constants.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use walrus::ir::{BinaryOp, Value};
use walrus::{
    ConstExpr, ElementItems, ElementKind, ExportItem, FunctionBuilder, FunctionId, FunctionKind, GlobalKind,
    ImportedFunction, Module, ModuleConfig, TableId, ValType,
};

use crate::Result;
use crate::data::{self, Objects, Share};
use crate::names::{self, Names};
use crate::script::{self, LOADER};

/// The module from which the later parts import all they need.
const FIRST: &str = "first";

/// The files that a cut is made from.
pub struct Inputs<'a> {
    /// The whole module.
    pub wasm: &'a str,
    /// wasm-bindgen's script; it is written anew, with a loader for the parts and shorter names.
    pub script: &'a str,
    /// The linker's map.
    pub map: &'a str,
    /// Names of functions, one a line: those of the first part, those that are in the next unless an earlier
    /// list has them, and so on. What is in none is the last part, the rest.
    pub lists: &'a [&'a str],
}

/// A part that comes after the first.
struct Later {
    functions: Vec<FunctionId>,
    /// The slot of its first function.
    base: u64,
    module: Module,
}

/// Writes `folder/0.wasm` for the first part, and one more for each later part.
pub fn run(inputs: &Inputs<'_>, folder: &Path) -> Result<()> {
    let objects = Objects::read(&std::fs::read_to_string(inputs.map)?)?;
    let mut module = parse(inputs.wasm)?;
    let text = std::fs::read_to_string(inputs.script)?;
    std::fs::write(inputs.script, script::adapt(&text, &mut module)?)?;
    let parts = parts(&module, inputs.lists)?;
    let table = module.tables.main_function_table()?.ok_or("the module has no table")?;
    let first = data::needed(&module, &objects, &parts[0]);

    let mut later: Vec<Later> = Vec::new();
    let mut base = module.tables.get(table).initial;
    for (i, functions) in parts.iter().enumerate().skip(1) {
        let mut part = parse(inputs.wasm)?;
        if i + 1 == parts.len() {
            data::keep(&mut part, &objects, Share::Rest(&first));
        } else {
            let both = data::needed(&module, &objects, &[parts[0].as_slice(), functions].concat());
            data::keep(&mut part, &objects, Share::Listed { first: &first, both: &both });
        }
        // Ids belong to one module; both were read from the same file, so the order is the same.
        let twins: BTreeMap<FunctionId, FunctionId> =
            module.funcs.iter().map(|f| f.id()).zip(part.funcs.iter().map(|f| f.id())).collect();
        let kept: Vec<FunctionId> = functions.iter().map(|id| twins[id]).collect();
        keep_later(&mut part, &kept, base)?;
        later.push(Later { functions: functions.clone(), base, module: part });
        base += functions.len() as u64;
    }
    data::keep(&mut module, &objects, Share::First(&first));
    keep_first(&mut module, &later, table)?;
    let file = |i: usize| -> PathBuf { folder.join(format!("{i}.wasm")) };
    module.emit_wasm_file(file(0))?;
    for (i, part) in later.iter_mut().enumerate() {
        part.module.emit_wasm_file(file(i + 1))?;
    }
    Ok(())
}

/// The functions of each part: the first, one for each further list, the rest.
fn parts(module: &Module, lists: &[&str]) -> Result<Vec<Vec<FunctionId>>> {
    let texts = lists.iter().map(std::fs::read_to_string).collect::<std::io::Result<Vec<_>>>()?;
    let lists: Vec<BTreeSet<&str>> = texts.iter().map(|text| text.lines().collect()).collect();
    let mut parts = vec![Vec::new(); lists.len() + 1];
    let mut names = Names::default();
    for (id, _) in module.funcs.iter_local() {
        let part = match module.funcs.get(id).name.as_deref().map(|name| names.next(name)) {
            Some(name) => lists.iter().position(|list| list.contains(name.as_str())).unwrap_or(lists.len()),
            // The few without a name, made by optimisers, stay.
            None => 0,
        };
        parts[part].push(id);
    }
    Ok(parts)
}

fn parse(input: &str) -> Result<Module> {
    Ok(ModuleConfig::new()
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse_file(input)?)
}

/// What the first module calls its item number `i` for the others; the letter says of which kind.
fn export_name(kind: char, i: usize) -> String {
    format!("{kind}{}", names::short(i))
}

/// Leaves the functions `kept`, in table slots from `base` on; everything else becomes an import.
fn keep_later(module: &mut Module, kept: &[FunctionId], base: u64) -> Result<()> {
    let kept_set: BTreeSet<FunctionId> = kept.iter().copied().collect();
    for id in module.exports.iter().map(|export| export.id()).collect::<Vec<_>>() {
        module.exports.delete(id);
    }
    for id in module.elements.iter().map(|element| element.id()).collect::<Vec<_>>() {
        module.elements.delete(id);
    }
    for table in module.tables.iter_mut() {
        table.elem_segments.clear();
    }
    module.start = None;

    for (i, id) in module.funcs.iter().map(|f| f.id()).collect::<Vec<_>>().into_iter().enumerate() {
        let name = export_name('f', i);
        match &module.funcs.get(id).kind {
            FunctionKind::Import(imported) => {
                let import = module.imports.get_mut(imported.import);
                import.module = FIRST.to_owned();
                import.name = name;
            }
            FunctionKind::Local(local) if !kept_set.contains(&id) => {
                let ty = local.ty();
                let import = module.imports.add(FIRST, &name, id);
                module.funcs.get_mut(id).kind = FunctionKind::Import(ImportedFunction { import, ty });
            }
            _ => {}
        }
    }
    for (i, id) in module.globals.iter().map(|g| g.id()).collect::<Vec<_>>().into_iter().enumerate() {
        let import = module.imports.add(FIRST, &export_name('g', i), id);
        module.globals.get_mut(id).kind = GlobalKind::Import(import);
    }
    for (i, id) in module.memories.iter().map(|m| m.id()).collect::<Vec<_>>().into_iter().enumerate() {
        let import = module.imports.add(FIRST, &export_name('m', i), id);
        module.memories.get_mut(id).import = Some(import);
    }
    for (i, id) in module.tables.iter().map(|t| t.id()).collect::<Vec<_>>().into_iter().enumerate() {
        let import = module.imports.add(FIRST, &export_name('t', i), id);
        let table = module.tables.get_mut(id);
        table.import = Some(import);
        table.init = None;
        // The first module makes it larger.
        table.maximum = None;
    }
    let table = module.tables.main_function_table()?.ok_or("the module has no table")?;
    let offset = ConstExpr::Value(Value::I32(i32::try_from(base)?));
    let kind = ElementKind::Active { table, offset };
    let slots = module.elements.add(kind, ElementItems::Functions(kept.to_vec()));
    module.tables.get_mut(table).elem_segments.insert(slots);
    walrus::passes::gc::run(module);
    Ok(())
}

/// Turns the functions of later parts into stubs and exports what these parts import.
fn keep_first(module: &mut Module, later: &[Later], table: TableId) -> Result<()> {
    let imports = later.iter().flat_map(|part| part.module.imports.iter());
    let wanted: BTreeSet<&str> = imports.map(|import| import.name.as_str()).collect();
    let functions = module.funcs.iter().map(|f| ExportItem::Function(f.id()));
    let globals = module.globals.iter().map(|g| ExportItem::Global(g.id()));
    let memories = module.memories.iter().map(|m| ExportItem::Memory(m.id()));
    let tables = module.tables.iter().map(|t| ExportItem::Table(t.id()));
    let mut items = Vec::new();
    items.extend(functions.enumerate().map(|(i, item)| (export_name('f', i), item)));
    items.extend(globals.enumerate().map(|(i, item)| (export_name('g', i), item)));
    items.extend(memories.enumerate().map(|(i, item)| (export_name('m', i), item)));
    items.extend(tables.enumerate().map(|(i, item)| (export_name('t', i), item)));
    for (name, item) in items.into_iter().filter(|(name, _)| wanted.contains(name.as_str())) {
        module.exports.add(&name, item);
    }

    let n_later: u64 = later.iter().map(|part| part.functions.len() as u64).sum();
    let slots = module.tables.get_mut(table);
    slots.initial += n_later;
    slots.maximum = slots.maximum.map(|maximum| maximum + n_later);

    let loader_type = module.types.add(&[ValType::I32], &[]);
    let (load, _) = module.add_import_func(LOADER, "load", loader_type);
    for (i, part) in later.iter().enumerate() {
        let slot = slot_once_loaded(module, i + 1, load)?;
        for (slot_idx, &id) in (part.base..).zip(&part.functions) {
            let ty = module.funcs.get(id).ty();
            let (params, results) = module.types.params_results(ty);
            let (params, results) = (params.to_vec(), results.to_vec());
            let args: Vec<_> = params.iter().map(|&param| module.locals.add(param)).collect();
            let mut stub = FunctionBuilder::new(&mut module.types, &params, &results);
            let mut body = stub.func_body();
            for &arg in &args {
                body.local_get(arg);
            }
            body.i32_const(i32::try_from(slot_idx)?).call(slot).call_indirect(ty, table);
            module.funcs.get_mut(id).kind = FunctionKind::Local(stub.local_func(args));
        }
    }
    walrus::passes::gc::run(module);
    Ok(())
}

/// A function from a slot to the same slot, which has part `part` loaded first where it is not there: the
/// first module exports `hereN`, 1 once part N is.
fn slot_once_loaded(module: &mut Module, part: usize, load: FunctionId) -> Result<FunctionId> {
    let is_here = module.globals.add_local(ValType::I32, true, false, ConstExpr::Value(Value::I32(0)));
    module.exports.add(&format!("here{part}"), is_here);
    let part = i32::try_from(part)?;
    let slot = module.locals.add(ValType::I32);
    let mut function = FunctionBuilder::new(&mut module.types, &[ValType::I32], &[ValType::I32]);
    function
        .func_body()
        .global_get(is_here)
        .i32_const(0)
        .binop(BinaryOp::I32Eq)
        .if_else(
            None,
            |missing| {
                missing.i32_const(part).call(load);
            },
            |_| {},
        )
        .local_get(slot);
    Ok(function.finish(vec![slot], &mut module.funcs))
}

//! Two modules from one.
//!
//! Both share the memory, the table and the globals of the first. A function of the rest has a slot in the
//! table and, in the first module, a stub that calls through this slot, after asking JavaScript to load the
//! rest should that not have happened. The rest imports what it needs of the first, fills the slots, and brings
//! the constants that only it reads.

use std::collections::{BTreeMap, BTreeSet};

use walrus::ir::{BinaryOp, Value};
use walrus::{
    ConstExpr, ElementItems, ElementKind, ExportItem, FunctionBuilder, FunctionId, FunctionKind, GlobalKind,
    ImportedFunction, Module, ModuleConfig, TableId, ValType,
};

use crate::Result;
use crate::data::{self, Objects, Side};
use crate::names::{self, Names};
use crate::script::{self, LOADER};

/// The module from which the rest imports all it needs.
const FIRST: &str = "first";
/// The export of the first module that is 1 once the rest is there.
const IS_HERE: &str = "rest_is_here";

/// The files that a cut is made from.
pub struct Inputs<'a> {
    /// The whole module.
    pub wasm: &'a str,
    /// wasm-bindgen's script; it is written anew, with a loader for the rest and shorter names.
    pub script: &'a str,
    /// Names of the functions that are first, one a line.
    pub list: &'a str,
    /// The linker's map.
    pub map: &'a str,
}

/// Writes the modules `first` and `rest`.
pub fn run(inputs: &Inputs<'_>, first: &str, rest: &str) -> Result<()> {
    let &Inputs { wasm: input, script, list, map } = inputs;
    let objects = Objects::read(&std::fs::read_to_string(map)?)?;
    let list = std::fs::read_to_string(list)?;
    let listed: BTreeSet<&str> = list.lines().collect();
    let mut module = parse(input)?;
    let text = std::fs::read_to_string(script)?;
    std::fs::write(script, script::adapt(&text, &mut module)?)?;
    let (mut later, mut at_once) = (Vec::new(), Vec::new());
    let mut names = Names::default();
    for (id, _) in module.funcs.iter_local() {
        // The few without a name, made by optimisers, stay.
        let name = module.funcs.get(id).name.as_deref().map(|name| names.next(name));
        if name.is_some_and(|name| !listed.contains(name.as_str())) {
            later.push(id);
        } else {
            at_once.push(id);
        }
    }
    let needed = data::needed(&module, &objects, &at_once);
    let table = module.tables.main_function_table()?.ok_or("the module has no table")?;
    let base = module.tables.get(table).initial;

    let mut other = parse(input)?;
    // Ids belong to one module; both were read from the same file, so the order is the same.
    let twins: BTreeMap<FunctionId, FunctionId> =
        module.funcs.iter().map(|f| f.id()).zip(other.funcs.iter().map(|f| f.id())).collect();
    let twins_of_later: Vec<FunctionId> = later.iter().map(|id| twins[id]).collect();
    data::keep(&mut module, &objects, &needed, Side::First);
    data::keep(&mut other, &objects, &needed, Side::Rest);
    keep_rest(&mut other, &twins_of_later, base)?;
    keep_first(&mut module, &later, table, base, &other)?;
    other.emit_wasm_file(rest)?;
    module.emit_wasm_file(first)?;
    Ok(())
}

fn parse(input: &str) -> Result<Module> {
    Ok(ModuleConfig::new()
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse_file(input)?)
}

/// What the first module calls its item number `i` for the rest; the letter says of which kind.
fn export_name(kind: char, i: usize) -> String {
    format!("{kind}{}", names::short(i))
}

/// Leaves the functions `later`, in table slots from `base` on; everything else becomes an import.
fn keep_rest(module: &mut Module, later: &[FunctionId], base: u64) -> Result<()> {
    let later_set: BTreeSet<FunctionId> = later.iter().copied().collect();
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
            FunctionKind::Local(local) if !later_set.contains(&id) => {
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
    let slots = module.elements.add(kind, ElementItems::Functions(later.to_vec()));
    module.tables.get_mut(table).elem_segments.insert(slots);
    walrus::passes::gc::run(module);
    Ok(())
}

/// Turns the functions `later` into stubs and exports what `rest` imports.
fn keep_first(
    module: &mut Module,
    later: &[FunctionId],
    table: TableId,
    base: u64,
    rest: &Module,
) -> Result<()> {
    let wanted: BTreeSet<&str> = rest.imports.iter().map(|import| import.name.as_str()).collect();
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

    let n_later = u64::try_from(later.len())?;
    let slots = module.tables.get_mut(table);
    slots.initial += n_later;
    slots.maximum = slots.maximum.map(|maximum| maximum + n_later);

    let is_here = module.globals.add_local(ValType::I32, true, false, ConstExpr::Value(Value::I32(0)));
    module.exports.add(IS_HERE, is_here);
    let loader_type = module.types.add(&[], &[]);
    let (load, _) = module.add_import_func(LOADER, "load", loader_type);
    let slot = slot_once_loaded(module, is_here, load);

    for (i, &id) in later.iter().enumerate() {
        let ty = module.funcs.get(id).ty();
        let (params, results) = module.types.params_results(ty);
        let (params, results) = (params.to_vec(), results.to_vec());
        let args: Vec<_> = params.iter().map(|&param| module.locals.add(param)).collect();
        let mut stub = FunctionBuilder::new(&mut module.types, &params, &results);
        let mut body = stub.func_body();
        for &arg in &args {
            body.local_get(arg);
        }
        body.i32_const(i32::try_from(base + i as u64)?).call(slot).call_indirect(ty, table);
        module.funcs.get_mut(id).kind = FunctionKind::Local(stub.local_func(args));
    }
    walrus::passes::gc::run(module);
    Ok(())
}

/// A function from a slot to the same slot, which has the rest loaded first where it is not there.
fn slot_once_loaded(module: &mut Module, is_here: walrus::GlobalId, load: FunctionId) -> FunctionId {
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
                missing.call(load);
            },
            |_| {},
        )
        .local_get(slot);
    function.finish(vec![slot], &mut module.funcs)
}

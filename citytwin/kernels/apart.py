"""Reads and writes of arrays that lie apart, so that one loop over many arrays becomes vector code.

A compiler must prove that what a loop writes is not what it reads later. For thirty arrays it gives
up, or it compares all their ends before each row. Here the loop says it: whatever is read or written
under one number never overlaps what goes under another number, in the same call of a function that
begins with ``apart()`` (LLVM's scoped alias metadata). Indices must be within the array; negative
ones do not count from its end.

Only for rows of kernels that need it: a wrong number gives wrong results, not an error.
"""

from typing import Any

from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic

#: What is only read in a function; any of it may overlap.
READ = 0
#: Numbers of the things that are written.
NUMBERS = range(9)


def _scopes(module: Any, numbers: Any) -> Any:
    domain = module.add_metadata(["citytwin.apart"])
    return module.add_metadata(
        [module.add_metadata([f"citytwin.apart.{n}", domain]) for n in numbers]
    )


def _mark(builder: Any, access: Any, own: int) -> Any:
    access.set_metadata("alias.scope", _scopes(builder.module, [own]))
    access.set_metadata("noalias", _scopes(builder.module, [n for n in NUMBERS if n != own]))
    return access


def _place(context: Any, builder: Any, kind: Any, array: Any, part: Any, col: Any) -> Any:
    struct = context.make_array(kind)(context, builder, array)
    return cgutils.get_item_pointer(
        context, builder, kind, struct, [part, col], wraparound=False, boundscheck=False
    )


@intrinsic
def _apart(typing: Any) -> Any:  # noqa: ARG001
    """Begin a function that uses ``get`` and ``put``."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        form = ir.FunctionType(ir.VoidType(), [ir.MetaDataType()])
        name = "llvm.experimental.noalias.scope.decl"
        declare = cgutils.get_or_insert_function(builder.module, form, name)
        for number in NUMBERS:
            builder.call(declare, [_scopes(builder.module, [number])])
        return context.get_dummy_value()

    return types.void(), emit


@intrinsic(prefer_literal=True)
def _get(typing: Any, array: Any, part: Any, col: Any, number: Any) -> Any:  # noqa: ARG001
    """Value of (parts, cols) ``array``, of the things with this number."""
    own = number.literal_value

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[0], *args[:3])
        return _mark(builder, builder.load(place), own)

    return array.dtype(array, types.intp, types.intp, number), emit


@intrinsic(prefer_literal=True)
def _put(typing: Any, array: Any, part: Any, col: Any, value: Any, number: Any) -> Any:  # noqa: ARG001
    """Set a value of (parts, cols) ``array``, of the things with this number."""
    own = number.literal_value

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[0], *args[:3])
        _mark(builder, builder.store(args[3], place), own)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, array.dtype, number), emit


def _plain_apart() -> None:
    pass


def _plain_get(array: Any, part: int, col: int, number: int) -> Any:  # noqa: ARG001
    return array[part, col]


def _plain_put(array: Any, part: int, col: int, value: Any, number: int) -> None:  # noqa: ARG001
    array[part, col] = value


# Without the compiler, as in a run for coverage, there is nothing to tell it.
apart: Any = _plain_apart if config.DISABLE_JIT else _apart
get: Any = _plain_get if config.DISABLE_JIT else _get
put: Any = _plain_put if config.DISABLE_JIT else _put

"""A vector register of float32 as a type of numba, and what is done with it.

LLVM makes vectors of plain loops too, but never keeps twelve sums of a matrix product in registers.
Where registers are narrower it takes two for each.
"""

import operator

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

from encoder.turbo.network.registers import registers

_FLOAT_BYTES = 4


def _vector(element=None):
    """Return LLVM's type of a register of float32, or of as many of another element."""
    return ir.VectorType(element or ir.FloatType(), registers().lanes)


class LanesType(types.Type):
    """The type of a vector register of float32."""

    def __init__(self):
        super().__init__(name="Lanes")


lanes = LanesType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager, type_):
        super().__init__(manager, type_, _vector())


def _place(context, builder, array_type, array, index):
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [index])


def _copies(builder, number):
    undefined = ir.Constant(_vector(), ir.Undefined)
    first = builder.insert_element(undefined, number, ir.Constant(ir.IntType(32), 0))
    places = ir.Constant(_vector(ir.IntType(32)), [0] * registers().lanes)
    return builder.shuffle_vector(first, undefined, places)


@intrinsic
def load(_context, array, index):
    """Return array[index : index + lanes]."""

    def code(context, builder, signature, arguments):
        place = _place(context, builder, signature.args[0], *arguments)
        return builder.load(builder.bitcast(place, _vector().as_pointer()), align=_FLOAT_BYTES)

    return lanes(array, types.uint64), code


@intrinsic
def store(_context, array, index, values):
    """Set array[index : index + lanes]."""

    def code(context, builder, signature, arguments):
        place = _place(context, builder, signature.args[0], *arguments[:2])
        at = builder.bitcast(place, _vector().as_pointer())
        builder.store(arguments[2], at, align=_FLOAT_BYTES)
        return context.get_dummy_value()

    return types.none(array, types.uint64, lanes), code


@intrinsic
def spread(_context, array, index):
    """Return array[index] in every lane."""

    def code(context, builder, signature, arguments):
        return _copies(
            builder, builder.load(_place(context, builder, signature.args[0], *arguments))
        )

    return lanes(array, types.uint64), code


@intrinsic
def every(_context, number):
    """Return a number in every lane."""

    def code(_context, builder, _signature, arguments):
        return _copies(builder, arguments[0])

    return lanes(types.float32), code


@intrinsic
def fused(_context, one, other, added):
    """Return one * other + added, rounded once where the processor does that."""

    def code(_context, builder, _signature, arguments):
        kind = ir.FunctionType(_vector(), [_vector()] * 3)
        # one instruction where there is one, else two
        name = f"llvm.fmuladd.v{registers().lanes}f32"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)

    return lanes(lanes, lanes, lanes), code


@intrinsic
def larger(_context, one, other):
    """Return the larger of each two."""

    def code(_context, builder, _signature, arguments):
        return builder.select(builder.fcmp_ordered(">", *arguments), *arguments)

    return lanes(lanes, lanes), code


@intrinsic
def fetch(_context, array, index):
    """Have array[index] brought near, to be read soon; it need not be inside the array."""

    def code(context, builder, signature, arguments):
        place = _place(context, builder, signature.args[0], *arguments)
        octets, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [octets, number, number, number])
        to_read_data_and_keep_it = [ir.Constant(number, value) for value in (0, 3, 1)]
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [builder.bitcast(place, octets), *to_read_data_and_keep_it])
        return context.get_dummy_value()

    return types.none(array, types.uint64), code


def _operation(name):
    @intrinsic
    def operation(_context, one, other):
        def code(_context, builder, _signature, arguments):
            return getattr(builder, name)(*arguments)

        return lanes(lanes, lanes), code

    return operation


def _let(operator_, operation):
    @overload(operator_)
    def overloaded(one, other):
        if isinstance(one, LanesType) and isinstance(other, LanesType):
            return lambda one, other: operation(one, other)  # noqa: PLW0108  (as numba wants it)
        return None


_let(operator.add, _operation("fadd"))
_let(operator.sub, _operation("fsub"))
_let(operator.mul, _operation("fmul"))

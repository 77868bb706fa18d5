"""The units that ship."""

from bankside.arch.pe.bit_serial.unit import BitSerial
from bankside.arch.pe.lanes.unit import BankLanes, DotLanes, VectorLanes
from bankside.arch.pe.nonlinear.unit import SpecialFunctions
from bankside.arch.pe.processor.unit import Processor
from bankside.arch.pe.sram.unit import Scratchpad
from bankside.arch.pe.systolic.unit import SystolicArrays
from bankside.arch.pe.unit import register

for shipped in (
    SystolicArrays,
    BitSerial,
    DotLanes,
    VectorLanes,
    BankLanes,
    Processor,
    SpecialFunctions,
    Scratchpad,
):
    register(shipped)

"""Matrix-vector products in the banks, as HBM-PIM and as GDDR6-AiM do them.

HBM-PIM: a unit between two banks holds eight operand columns and accumulates eight outputs, lane by lane; the host
broadcasts eight columns of the vector, then sixty-four columns of the matrix stream past it, from the even banks for
even pieces of the vector and from the odd banks for odd ones. AiM: a global buffer of one row's length holds the
vector, every bank multiplies one matrix row with it, and one command drains the sums of all banks.
"""

from bankside.arch.dram.channel.pim.program import DATA, OPERAND, RESULT, Entries, PimProgram
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR
from bankside.arch.dram.device.standard import Standard
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.pim.session import REGISTERS, Session

GEMV_CODE = 6
"""Instructions: MAC and JUMP for even banks, the same for odd ones, NOP, EXIT (PIMSimulator, PIMCmdGen.h)."""


def gemv_hbm_pim(
    standard: Standard,
    m: int,
    k: int,
    channels: int,
    element_bytes: int = 2,
    batch: int = 1,
    read_back: bool = True,
) -> Entries:
    """Program of one of `channels` equal pseudo-channels for an m x k matrix and `batch` vectors.

    Parameters
    ----------
    standard : Standard
        A device with PIM scope bank_pair.
    m, k : int
        Rows (outputs) and columns (inputs) of the matrix.
    channels : int
        Pseudo-channels that share the outputs.
    element_bytes : int
        Size of an element [byte].
    batch : int
        Vectors; each pass reads the whole matrix again.
    read_back : bool
        Whether the host reads the lanes' partial sums and adds them up; PIMSimulator's benchmark leaves it out.

    Raises
    ------
    ConfigError
        When matrix and results do not fit the banks.
    """
    units = int(standard.packed[0]["slice_banks"])
    lanes = standard.burst_bytes // element_bytes
    tiles_out = -(-m // (units * channels * REGISTERS))
    tiles_in = -(-k // (lanes * REGISTERS))
    halves = [range(s, tiles_in, 2) for s in range(2)]
    columns = REGISTERS * REGISTERS
    results = tiles_out * -(-tiles_in // 2) * columns
    rows = -(-(results + tiles_out * batch * REGISTERS) // standard.columns)
    session = Session(standard, rows)
    session.enter(GEMV_CODE)
    for tile in range(tiles_out):
        for vector in range(batch):
            session.toggle()
            for s, pieces in enumerate(halves):
                for piece in pieces:
                    session.operands()
                    first = columns * (piece // 2 + tile * tiles_in // 2)
                    for at in range(first, first + columns, REGISTERS):
                        session.run(s, 0, at)
            session.store(1, 0, results + (tile * batch + vector) * REGISTERS)
            session.toggle()
    session.leave()
    if read_back:
        for at in range(0, tiles_out * batch * REGISTERS, standard.columns):
            left = min(standard.columns, tiles_out * batch * REGISTERS - at)
            session.read_back(0, results + at, left)
    return session.entries()


def gemv_aim(standard: Standard, m: int, k: int, channels: int, element_bytes: int = 2) -> Entries:
    """Program of one of `channels` equal channels for an m x k matrix on a device with PIM scope `bank`.

    A DRAM row of a bank holds a piece of one matrix row, as long as the global buffer; the sums of a group of
    outputs, one in each bank, are drained after every piece and added up outside (Lee et al., ISSCC 2022, 11.1).

    Raises
    ------
    ConfigError
        When the matrix does not fit the banks.
    """
    program = PimProgram()
    packed = standard.packed[0]
    bank, banks = int(packed["member"][0]), int(packed["slice_banks"])
    lanes = standard.burst_bytes // element_bytes
    groups = -(-m // (banks * channels))
    columns = -(-k // lanes)
    drained = -(-banks * element_bytes // standard.burst_bytes)
    needed = groups * -(-columns // standard.columns)
    if needed > standard.rows:
        raise ConfigError([f"The matrix needs {needed} rows of each bank, and a bank has {standard.rows}."])
    row = 0
    for first in range(0, columns, standard.columns):
        here = min(standard.columns, columns - first)
        program.add(PIM_WR, bank, -1, range(here), OPERAND)
        program.fence()
        for _ in range(groups):
            program.add(MAC, bank, row, range(here), DATA)
            program.fence()
            program.add(PIM_RD, bank, -1, range(drained), RESULT)
            program.fence()
            row += 1
    return program.entries()

"""Of every field of processors in the banks, of what hosts do for them, and of how sums of banks are driven, an example
as in `field_examples`."""

UPMEM = "machine upmem gemv m=256 k=2048 format=int32"
ADDED = "machine upmem elementwise function=add elements=300000 format=int32"
SUMS = "machine upmem traversal function=prefix_sum elements=300000 format=int32"
CHOSEN = "machine upmem traversal function=select elements=300000 format=int32"
COUNTED = "machine upmem traversal function=histogram elements=300000 format=int32"
PACKED = "machine upmem gemv m=256 k=2048 format=int8 weights_format=int4"
AIM = "machine aim gemv m=1024 k=2048"

UNIT = "cores.dpu.vector"
HOST = "cores.dpu.offload"
INT32 = f"{UNIT}.instructions.int32"
FLAT = "{overhead: [{ranks: 1, time: 1 us}], rates: [{ranks: 1, rate: 1 GB/s}]}"

PROCESSOR_EXAMPLES: dict[str, tuple[str, str]] = {
    "CoreSpec.offload": (UPMEM, f"{HOST}.launch.fixed=1 ms"),
    "OffloadSpec.rank": (UPMEM, f"{HOST}.rank=16"),
    "OffloadSpec.word": (UPMEM, f"{HOST}.word=64 KiB"),
    "OffloadSpec.push": (UPMEM, f"{HOST}.push=64 B"),
    "OffloadSpec.launch": (UPMEM, f"{HOST}.launch.rank=1 ms"),
    "OffloadSpec.scatter": ("machine upmem transfer way=scatter bytes=65536", f"{HOST}.scatter={FLAT}"),
    "OffloadSpec.broadcast": ("machine upmem transfer way=broadcast bytes=64", f"{HOST}.broadcast={FLAT}"),
    "OffloadSpec.gather": ("machine upmem transfer way=gather bytes=65536", f"{HOST}.gather={FLAT}"),
    "LaunchSpec.fixed": (UPMEM, f"{HOST}.launch.fixed=1 ms"),
    "LaunchSpec.rank": (UPMEM, f"{HOST}.launch.rank=1 ms"),
    "TransferSpec.overhead": (UPMEM, f"{HOST}.gather.overhead=[{{ranks: 1, time: 9 us}}]"),
    "TransferSpec.rates": (UPMEM, f"{HOST}.gather.rates=[{{ranks: 1, rate: 1 MB/s}}]"),
    "OverheadSpec.ranks": (UPMEM, f"{HOST}.gather.overhead.0.ranks=0.5"),
    "OverheadSpec.time": (UPMEM, f"{HOST}.gather.overhead.0.time=900 us"),
    "RateSpec.ranks": ("machine upmem transfer way=gather bytes=65536", f"{HOST}.gather.rates.2.ranks=400.0"),
    "RateSpec.rate": ("machine upmem transfer way=gather bytes=65536", f"{HOST}.gather.rates.2.rate=9 GB/s"),
    "Processor.tasklets": (UPMEM, f"{UNIT}.tasklets=2"),
    "Processor.interval": (UPMEM, f"{UNIT}.interval=40"),
    "Processor.dma": (ADDED, f"{UNIT}.dma.read=900.0"),
    "Processor.block": (ADDED, f"{UNIT}.block=64 B"),
    "Processor.program": (SUMS, f"{UNIT}.program=400"),
    "Processor.transfer": (ADDED, f"{UNIT}.transfer=300"),
    "Processor.hand": (SUMS, f"{UNIT}.hand=900"),
    "Processor.operand_bits": (UPMEM, f"{UNIT}.operand_bits=30"),
    "Processor.instructions": (UPMEM, f"{INT32}.add=9"),
    "Processor.energy": (UPMEM, f"{UNIT}.energy=9 nJ"),
    "Processor.area": (UPMEM, f"{UNIT}.area=9 mm2"),
    "DmaSpec.read": (ADDED, f"{UNIT}.dma.read=900.0"),
    "DmaSpec.write": (ADDED, f"{UNIT}.dma.write=9000.0"),
    "DmaSpec.byte": (ADDED, f"{UNIT}.dma.byte=9.0"),
    "DmaSpec.most": ("machine upmem gemv m=163840 k=2048 format=int32", f"{UNIT}.dma.most=1 KiB"),
    "InstructionsSpec.load": (UPMEM, f"{INT32}.load=9"),
    "InstructionsSpec.store": (ADDED, f"{INT32}.store=9"),
    "InstructionsSpec.address": (UPMEM, f"{INT32}.address=9"),
    "InstructionsSpec.add": (UPMEM, f"{INT32}.add=9"),
    "InstructionsSpec.multiply": (UPMEM, f"{INT32}.multiply=90"),
    "InstructionsSpec.step": (UPMEM, f"{INT32}.step=9"),
    "InstructionsSpec.carried": (SUMS, f"{INT32}.carried=9"),
    "InstructionsSpec.unpack": (PACKED, f"{UNIT}.instructions.int8.unpack=90"),
    "InstructionsSpec.equal": (
        "machine upmem traversal function=unique elements=300000 format=int32",
        f"{INT32}.equal=9",
    ),
    "InstructionsSpec.test": (CHOSEN, f"{INT32}.test=9"),
    "InstructionsSpec.loop": (COUNTED, f"{INT32}.loop=900"),
    "InstructionsSpec.block": (UPMEM, f"{INT32}.block=9"),
    "CoreSpec.sums": (AIM, "cores.pu.sums.order=rewritten"),
    "SumsSpec.order": (AIM, "cores.pu.sums.order=rewritten"),
    "SumsSpec.kv_depth": (
        "machine aim decode-attention heads=32 head_dim=64 context=600",
        "cores.pu.sums.kv_depth=64",
    ),
    "PimControllerSpec.fence": (
        "machine lp5x-pim gemv m=256 k=2048 format=int8",
        "memories.lpddr.controller.pim.fence=0 ns",
    ),
    "VectorLanes.by_format": (
        "machine lp5x-pim gemv m=256 k=2048 format=int8",
        "cores.pim.vector.by_format.int8=2",
    ),
    "BankLanes.by_format": (
        "machine lp5x-pim gemv m=256 k=2048 format=int8",
        "cores.pim.vector={_replace: true, unit: bank-lanes, lanes: 16} | cores.pim.vector.by_format={int8: 2}",
    ),
}

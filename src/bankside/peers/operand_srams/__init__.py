"""An array as SCALE-Sim sets it up, three operand SRAMs behind one bus to memory, counted without its artefacts."""

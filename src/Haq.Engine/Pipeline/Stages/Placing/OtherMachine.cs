using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Stages.Placing;

/// <summary>Where a lock file's choice was measured on a processor of other instruction sets, or with another ONNX Runtime.</summary>
internal static class OtherMachine
{
    /// <summary>The warning (HAQ1504); null where it was measured on the like of this machine.</summary>
    public static Diagnostic? Of(RegionRecord record, string manifest)
    {
        string here = string.Join(' ', Processor.Here.InstructionSets);
        if (here == record.InstructionSets && OrtVersion.Text == record.Runtime) return null;
        return DiagnosticCatalog.MeasuredElsewhere.At(new SourceLocation(manifest),
            $"the choice was measured on {record.Processor} ({record.InstructionSets}) with ONNX Runtime {record.Runtime}; this is {Processor.Here.Name} ({here}) with {OrtVersion.Text}. "
            + "The file is the same; whether it is faster than float here is not known. Build once without the lock file where it will run.");
    }
}

using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Runtime;
using Haq.Engine.Search.Regions;

namespace Haq.Engine.Pipeline.Stages.Placing;

/// <summary>What there is to say about a choice that leaves the network in float.</summary>
internal static class RegionVerdicts
{
    /// <summary>The warning where a profile says nothing of some nodes; null where it tells of all.</summary>
    public static Diagnostic? Incomplete(NodeProfile profile, string model)
    {
        if (profile.Missing is not [var first, .. var others]) return null;
        string which = others.IsEmpty ? first : $"{profile.Missing.Length} nodes, {first} among them";
        return DiagnosticCatalog.ProfileIncomplete.At(new SourceLocation(model), $"ONNX Runtime's profile says nothing of {which}: what they take counts as what a run takes besides.");
    }

    /// <summary>The warning; null where something was gained.</summary>
    public static Diagnostic? Warning(RegionRecord record, string manifest)
    {
        var at = new SourceLocation(manifest);
        string times = string.Create(CultureInfo.InvariantCulture,
            $"everything in 8 bits takes {record.UniformInt8Ms:0.###} ms, float {record.FloatMs:0.###} ms ({record.Threads} threads, {record.Processor})");
        switch (Enum.Parse<RegionVerdict>(record.Verdict))
        {
            case RegionVerdict.NothingFaster:
                return DiagnosticCatalog.NothingFaster.At(at, $"no choice of operators in integers was faster than float: {times}. The layers stay in float.");
            case RegionVerdict.NothingKept:
                return DiagnosticCatalog.NothingFaster.At(at,
                    $"every file that was faster than float lost more accuracy than allowed: {times}. The layers stay in float. Allow a larger 'accuracy-drop', or add 'finetune:'.");
            case RegionVerdict.TooNoisy:
                return DiagnosticCatalog.TimingsTooNoisy.At(at,
                    $"timings on this machine are too far apart to tell whether the best file is faster than float: {times}. The layers stay in float. Build again when the machine is quiet.");
        }
        return null;
    }
}

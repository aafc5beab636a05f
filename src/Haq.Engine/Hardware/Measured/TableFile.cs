using System.Collections.Immutable;

namespace Haq.Engine.Hardware.Measured;

/// <summary>The keys of <c>kind: table</c>.</summary>
internal static class TableFile
{
    public static ImmutableArray<HardwareKey> Keys { get; } =
    [
        HardwareKey.Text("file", "the measured table, a CSV file beside the hardware file"),
        HardwareKey.Text("device", "what was measured"),
        HardwareKey.Text("measured", "when it was measured"),
        HardwareKey.Word("missing", "what to do about missing entries", ["error", "interpolate"], "error"),
    ];

    public static TableModel Read(HardwareDocument file)
    {
        string device = file.Text("device"), date = file.Text("measured");
        bool interpolates = file.Word("missing") == "interpolate";
        var (path, text) = file.ReadBeside("file");
        return new TableModel(new MeasuredTable(MeasuredCsv.Parse(path, text)), interpolates, path, $"{device} ({date})");
    }
}

using System.Globalization;
using System.Text;

namespace Haq.Engine.Hardware.Probes;

/// <summary>Writes the hardware file of a measured table.</summary>
internal static class ProbeHardwareFile
{
    /// <summary>The file's text.</summary>
    public static string Write(ProbeImport import, ProbeBundle bundle, ProbeImportOptions options)
    {
        var text = new StringBuilder();
        var held = import.Policies.Where(p => p.HeldOutError is not null).ToArray();
        text.Append(CultureInfo.InvariantCulture, $"name: {Quoted(options.Name)}\n");
        text.Append("kind: table\n");
        text.Append(CultureInfo.InvariantCulture, $"file: {Quoted(options.TableFile)}\n");
        text.Append(CultureInfo.InvariantCulture, $"device: {Quoted(import.Device)}\n");
        text.Append(CultureInfo.InvariantCulture, $"measured: {Quoted(options.Measured)}\n");
        text.Append(CultureInfo.InvariantCulture, $"batch: {bundle.Batch}\n");
        text.Append(CultureInfo.InvariantCulture, $"bits: {{pairs: [{string.Join(", ", bundle.Widths)}]}}\n");
        text.Append("expected_error:\n");
        text.Append(CultureInfo.InvariantCulture, $"  percent: {import.ExpectedError * 100:0.###}\n");
        text.Append(CultureInfo.InvariantCulture, $"  rows: {(held.Length > 0 ? held.Length : import.Scales.Count)}\n");
        text.Append(held.Length > 0 ? "  of: \"whole networks that the fit had not seen\"\n" : "  of: \"sums of layers against whole networks, before the correction\"\n");
        if (options.Run is { } run) text.Append(CultureInfo.InvariantCulture, $"run: {Quoted(run)}\n");
        if (options.Runner is { } runner) text.Append(CultureInfo.InvariantCulture, $"runner: {Quoted(runner)}\n");
        if (options.Remote is { } remote) text.Append(CultureInfo.InvariantCulture, $"remote: {Quoted(remote)}\n");
        string spread = import.Spread is { } s ? string.Create(CultureInfo.InvariantCulture, $", quartiles typically {s * 100:0.#} % apart") : "";
        string provenance = $"haq measure: {import.Probes} probes of {bundle.Model} (SHA-256 {bundle.ModelDigest}) on {import.Device}, {options.Measured}{spread}; layers corrected by whole networks";
        text.Append(CultureInfo.InvariantCulture, $"provenance: {Quoted(provenance)}\n");
        return text.ToString();
    }

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings(" ")}\"";
}

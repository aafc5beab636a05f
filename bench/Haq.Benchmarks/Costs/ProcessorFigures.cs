using System.Globalization;
using System.Text;
using Haq.Engine.Hardware.Fitted;
using Haq.Engine.Hardware.Probes;

namespace Haq.Benchmarks.Costs;

/// <summary>Writes what a bundle's times come to as tables of figures: what each layer takes in its network, and whole networks measured and predicted.</summary>
internal static class ProcessorFigures
{
    /// <summary>Writes <c>cpu_NAME_layers.csv</c> and <c>cpu_NAME_networks.csv</c>.</summary>
    /// <param name="times">The bundle's times.csv.</param>
    /// <param name="name">What to call the network.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="processor">What was measured, for people.</param>
    public static void Write(string times, string name, string folder, string processor)
    {
        var bundle = ProbeBundle.Read(Path.GetDirectoryName(Path.GetFullPath(times))!);
        var read = TimesFile.Parse(times, File.ReadAllText(times));
        var import = ProbeImport.Of(bundle, read, new ProbeImportOptions(name, times, "", ""));
        var layers = Heading(bundle, processor, "what each layer takes in its network, seconds").Append("layer,weight_bits,activation_bits,seconds\n");
        foreach (var (shape, bits, seconds) in FitInput.Of(bundle, read, times).Rows)
            layers.Append(CultureInfo.InvariantCulture, $"{shape},{(int)bits.Weights},{(int)bits.Activations},{seconds:0.######E+0}\n");
        File.WriteAllText(Path.Combine(folder, $"cpu_{name}_layers.csv"), layers.ToString());
        var networks = Heading(bundle, processor, "whole networks, measured, and predicted from their layers by a fit that had not seen a mixed one, seconds").Append("policy,measured,predicted\n");
        foreach (var policy in import.Policies)
        {
            string kind = policy.HeldOutError is null ? "uniform" : "mixed";
            double predicted = policy.HeldOutError is { } error ? (1 + error) * policy.MeasuredSeconds : policy.PredictedSeconds;
            networks.Append(CultureInfo.InvariantCulture, $"{kind},{policy.MeasuredSeconds:0.######E+0},{predicted:0.######E+0}\n");
        }
        File.WriteAllText(Path.Combine(folder, $"cpu_{name}_networks.csv"), networks.ToString());
    }

    private static StringBuilder Heading(ProbeBundle bundle, string processor, string what) => new(string.Create(CultureInfo.InvariantCulture,
        $"# {bundle.Model} (SHA-256 {bundle.ModelDigest[..12]}) on {processor}: {what}. From a bundle of haq measure.\n"));
}

using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Hardware.Measured;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Fitted;

/// <summary>Measured layers to fit a model to.</summary>
/// <param name="Name">What to call the target.</param>
/// <param name="Rows">The layers.</param>
/// <param name="Converts">Changes of width.</param>
/// <param name="Batch">Images at a time.</param>
/// <param name="RunSeconds">What every run takes, apart from the layers; 0 where that is not known.</param>
/// <param name="Source">What was measured, for people.</param>
public sealed record FitInput(string Name, ImmutableArray<FitRow> Rows, ImmutableArray<FitConvert> Converts, int Batch, double RunSeconds, string Source)
{
    private const string TableHeading = "layer,";

    /// <summary>The layers of a bundle, corrected by its whole networks, whose times are those.</summary>
    /// <exception cref="HaqException">The times are not complete (HAQ0232), or of another bundle (HAQ0234).</exception>
    public static FitInput Of(ProbeBundle bundle, TimesFile times, string path)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(times);
        var fit = TimesFit.OfSeconds(bundle, TimesCheck.Complete(bundle, times, path));
        // Layers that share a probe are one measurement.
        var rows = from layer in bundle.Layers.Select((l, i) => (Layer: l, Index: i))
                   from pair in bundle.Widths
                   let row = new FitRow(layer.Layer.Loops.ToShape(), bundle.BitsOf(pair), fit.LayerAt(layer.Index, pair) - (layer.Index == 0 ? fit.Overhead : 0))
                   group row by layer.Layer.ProbeAt(pair) into same
                   select same.First();
        ImmutableArray<FitConvert> converts = [.. bundle.Converts.Select(c => new FitConvert(c.Elements, fit.Convert(c))).Where(c => c.Seconds > 0)];
        string name = Path.GetFileNameWithoutExtension(bundle.Model);
        return new FitInput(name, [.. rows], converts, bundle.Batch, fit.Overhead, $"{bundle.Model} on {times.Device ?? "a device that was not named"}");
    }

    /// <summary>The layers of a measured table: by name where <paramref name="layers"/> has them, or else by shape.</summary>
    /// <param name="path">The table.</param>
    /// <param name="layers">Layers of a network by name; may be empty.</param>
    /// <param name="batch">Images at a time.</param>
    /// <exception cref="HaqException">The table cannot be read, or a layer's shape is not known (HAQ0202).</exception>
    public static FitInput Of(string path, IReadOnlyDictionary<string, LayerShape> layers, int batch)
    {
        ArgumentNullException.ThrowIfNull(layers);
        var entries = MeasuredCsv.Parse(path, Text(path));
        var rows = ImmutableArray.CreateBuilder<FitRow>();
        var converts = ImmutableArray.CreateBuilder<FitConvert>();
        foreach (var entry in entries)
        {
            if (MeasuredConverts.ElementsOf(entry.Layer) is { } elements) converts.Add(new FitConvert(elements, entry.Seconds));
            else if (layers.TryGetValue(entry.Layer, out var shape) || ShapeText.TryParse(entry.Layer, out shape)) rows.Add(new FitRow(shape, entry.Bits, entry.Seconds));
            else throw DiagnosticCatalog.HardwareUnreadable.Error(path, $"the shape of '{entry.Layer}' is not known. Give the model with --model, or name layers by shape as haq simulate prints it.");
        }
        return new FitInput(Path.GetFileNameWithoutExtension(path), rows.ToImmutable(), converts.ToImmutable(), batch, 0, Path.GetFileName(path));
    }

    /// <summary>The file is a measured table, and not the times of a bundle.</summary>
    public static bool IsTable(string path) =>
        Text(path).Split('\n').FirstOrDefault(l => l.Trim().Length > 0 && l[0] != '#') is { } first && first.TrimStart('\uFEFF').StartsWith(TableHeading, StringComparison.OrdinalIgnoreCase);

    private static string Text(string path)
    {
        try
        {
            OrdinaryFile.Require(path);
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.TimesUnreadable.Error(path, $"the measured times cannot be read: {e.Message} Give the times of a bundle, or a measured table.", e);
        }
    }
}

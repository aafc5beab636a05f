using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Measured;

/// <summary>Costs that were measured layer by layer on a device.</summary>
internal sealed class TableModel : ICostModel
{
    private const double PicojoulesPerJoule = 1e12;
    private const int NamedEntries = 8;

    private readonly MeasuredTable _table;
    private readonly bool _interpolates;
    private readonly string _source;

    /// <param name="table">The figures.</param>
    /// <param name="interpolates">Missing figures lie between measured ones.</param>
    /// <param name="source">The file, for errors.</param>
    /// <param name="device">What was measured, for people.</param>
    public TableModel(MeasuredTable table, bool interpolates, string source, string device)
    {
        (_table, _interpolates, _source) = (table, interpolates, source);
        Assumptions =
        [
            $"Measured on {device}; layers are found by name, or else by shape.",
            table.Converts.IsEmpty
                ? "A network takes as long as its layers one after the other."
                : "A network takes as long as its layers one after the other, and what it takes to change the width of a tensor between two of them.",
            interpolates
                ? "Widths that were not measured lie between measured ones of the same layer: of the same weights or activations in proportion to the other width, or else to the product of both."
                : "Every layer must have been measured at every pair of widths that is used.",
            "What holds a layer up is not known, nor its memory traffic. Sums, softmax and other tensors between layers have no figures and cost nothing.",
            table.HasEnergy ? "Energy was measured as a whole and is shown as spent on multiply-accumulates." : "No energy was measured: a budget on energy is refused.",
        ];
    }

    public double? BandwidthBitsPerSecond => null;

    public bool HasEnergy => _table.HasEnergy;

    public bool IsByName => true;

    public bool RunsNarrowAsWide => false;

    public bool DependsOnOutput => false;

    public bool ConvertsBetweenLayers => !_table.Converts.IsEmpty;

    public IReadOnlyList<string> Assumptions { get; }

    /// <summary>The pairs that occur in the table.</summary>
    public SupportedBits Bits => _table.Bits;

    public double? PeakMacsPerSecond(LayerBits computed) => null;

    /// <summary>Lists every layer and legal pair without a figure.</summary>
    public void Check(IReadOnlyList<QuantizableLayer> layers, SupportedBits bits)
    {
        var missing = layers.SelectMany(l => bits.Pairs.Where(pair => Find(l, pair) is null).Select(pair => $"{l.Name} {pair}")).ToArray();
        if (missing.Length == 0) return;
        string list = string.Join(", ", missing.Take(NamedEntries)) + (missing.Length > NamedEntries ? ", …" : "");
        string next = _interpolates
            ? "They lie outside the measured widths: measure them, or limit 'bits' in the hardware file."
            : "Measure them, limit 'bits' in the hardware file to what was measured, or allow 'missing: interpolate' there.";
        throw DiagnosticCatalog.TableIncomplete.Error(_source, $"{missing.Length} {(missing.Length == 1 ? "entry is" : "entries are")} missing: {list}. {next}");
    }

    public LayerCost Price(in Workload work)
    {
        var entry = Find(work.Layer, work.Computed) ?? throw new InvalidOperationException($"{work.Layer.Name} {work.Computed} was not checked");
        Energy? energy = entry.Joules is { } joules && HasEnergy ? new Energy(joules * PicojoulesPerJoule, 0, 0, 0) : null;
        return new LayerCost(0, entry.Seconds, energy, default, default, 0);
    }

    public LayerCost PriceConvert(in TensorWork work, Bitwidth to)
    {
        var (seconds, joules) = _table.Converts.For(work.Elements * work.Batch, work.Stored, to);
        return new LayerCost(0, seconds, HasEnergy ? new Energy((joules ?? 0) * PicojoulesPerJoule, 0, 0, 0) : null, default, default, 0);
    }

    private MeasuredEntry? Find(QuantizableLayer layer, LayerBits bits) =>
        _table.Find(layer, bits) ?? (_interpolates ? _table.Between(layer, bits) : null);
}

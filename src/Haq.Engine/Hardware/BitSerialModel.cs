using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>
/// A bit-serial matrix multiplier (BISMO; Umuroglu et al., FPL 2018) as HAQ priced it: rows x cols dot-product units of <c>dot_width</c> bits,
/// one bit plane of weights against one of activations at a time, two fetch channels, operands tiled to buffers.
/// </summary>
internal sealed class BitSerialModel : ICostModel
{
    private readonly BitSerialParameters _p;

    public BitSerialModel(BitSerialParameters parameters)
    {
        _p = parameters;
        Assumptions =
        [
            "Activations are streamed as im2col.",
            _p.Elementwise.HasTraffic ? _p.Elementwise.Describe() : "Pooling, addition and requantization are free.",
            "Writing results is free, as in HAQ's published table.",
            "DRAM has no row effects; weights and activations each have a channel of fetch_bits per cycle.",
            $"Depthwise layers run {_p.DepthwiseGroup} channel{(_p.DepthwiseGroup == 1 ? "" : "s")} at a time (depthwise_group).",
            "Grouped convolutions run one matrix product per group; transposed convolutions as a product of input pixels by output channels times kernel.",
            "A layer runs as one of wider data where that is faster, which only odd shapes make so.",
            EnergyConstants.Describe(_p.Energy),
        ];
    }

    public double? BandwidthBitsPerSecond => 2.0 * _p.FetchBits * _p.ClockHertz;

    public bool HasEnergy => _p.Energy is not null;

    public bool IsByName => false;

    public bool RunsNarrowAsWide => true;

    public bool DependsOnOutput => false;

    public IReadOnlyList<string> Assumptions { get; }

    public double? PeakMacsPerSecond(LayerBits computed) => PeakMacsPerCycle(computed) * _p.ClockHertz;

    private double PeakMacsPerCycle(LayerBits computed) => (double)_p.Rows * _p.Cols * _p.DotWidth / (computed.Weights * computed.Activations);

    public LayerCost Price(in Workload work)
    {
        var total = new Totals();
        var (full, rest) = MatrixProduct.Pair(work.Shape, work.Batch, _p.DepthwiseGroup);
        foreach (var product in (ReadOnlySpan<MatrixProduct>)[full, rest])
        {
            if (product.Count == 0) continue;
            total = total.Plus(PriceProduct(product, work), product.Count);
        }
        checked
        {
            long cycles = Math.Min(total.WeightStationary, total.ActivationStationary);
            var terms = new CostTerms(total.Compute, total.WeightFetch, total.ActivationFetch, 0);
            var dram = new DramBits(total.WeightEntries * work.Stored.Weights, total.ActivationEntries * work.Stored.Activations, 0);
            double utilization = work.Macs / (cycles * PeakMacsPerCycle(work.Computed));
            double seconds = cycles / _p.ClockHertz;
            // What is fetched is written to a buffer once; every pair of bit planes reads both operands again.
            var energy = _p.Energy?.Of(work.Macs, work.Computed.Weights * work.Computed.Activations, dram.Total + total.SramReadBits, dram.Total, seconds);
            return new LayerCost(cycles, seconds, energy, dram, terms, utilization);
        }
    }

    /// <inheritdoc/>
    public LayerCost PriceTensor(in TensorWork work) => _p.Elementwise.Price(work, 2.0 * _p.FetchBits, _p.ClockHertz, _p.Energy);

    /// <inheritdoc/>
    public LayerCost PriceConvert(in TensorWork work, Layers.Bitwidth to) => _p.Elementwise.PriceConvert(work, to, 2.0 * _p.FetchBits, _p.ClockHertz, _p.Energy);

    private Totals PriceProduct(in MatrixProduct product, in Workload work)
    {
        int a = work.Computed.Activations, w = work.Computed.Weights;
        long words = CeilDiv(product.K, _p.DotWidth);
        long fetches = CeilDiv(product.K, _p.FetchBits);
        long rowTile = TileExtent(_p.Rows, words, a), columnTile = TileExtent(_p.Cols, words, w);
        (long fullRows, long restRows) = Math.DivRem(product.M, rowTile);
        (long fullColumns, long restColumns) = Math.DivRem(product.N, columnTile);

        var total = new Totals();
        ReadOnlySpan<(long Size, long Count)> rows = [(rowTile, fullRows), (restRows, restRows > 0 ? 1 : 0)];
        ReadOnlySpan<(long Size, long Count)> columns = [(columnTile, fullColumns), (restColumns, restColumns > 0 ? 1 : 0)];
        foreach (var (rowSize, rowCount) in rows)
        {
            foreach (var (columnSize, columnCount) in columns)
            {
                if (rowCount == 0 || columnCount == 0) continue;
                total = total.Plus(PriceTile(rowSize, columnSize, product.K, words, fetches, w, a), checked(rowCount * columnCount));
            }
        }
        return total;
    }

    // T_A, T_B, F_A, F_W of one tile. All groups of rows but the last are full, and likewise columns, so the sums have closed forms.
    private Totals PriceTile(long rows, long columns, long k, long words, long fetches, int w, int a)
    {
        checked
        {
            long rowGroups = CeilDiv(rows, _p.Rows), lastRows = rows - (rowGroups - 1) * _p.Rows;
            long columnGroups = CeilDiv(columns, _p.Cols), lastColumns = columns - (columnGroups - 1) * _p.Cols;

            long streamWeights =
                w * ((columnGroups - 1) * Math.Max(fetches * _p.Cols, words * a) + Math.Max(fetches * lastColumns, words * a))
                + columnGroups * (rowGroups - 1) * w * words * a + (a - 1);
            long streamActivations =
                a * ((rowGroups - 1) * Math.Max(fetches * _p.Rows, words * w) + Math.Max(fetches * lastRows, words * w))
                + rowGroups * (columnGroups - 1) * a * words * w + (w - 1);
            long fetchActivations = a * (
                fetches * (rowGroups - 1) * _p.Rows + Math.Max(fetches * lastRows, rowGroups > 1 ? words * columnGroups * w : 0)
                + words * (columnGroups - 1) * w + (w - 1));
            long fetchWeights = w * (
                fetches * (columnGroups - 1) * _p.Cols + Math.Max(fetches * lastColumns, columnGroups > 1 ? words * rowGroups * a : 0)
                + words * (rowGroups - 1) * a + (a - 1));
            return new Totals(
                WeightStationary: Math.Max(streamWeights, fetchActivations),
                ActivationStationary: Math.Max(streamActivations, fetchWeights),
                Compute: rowGroups * columnGroups * words * w * a,
                WeightFetch: w * fetches * columns,
                ActivationFetch: a * fetches * rows,
                WeightEntries: columns * k,
                ActivationEntries: rows * k,
                SramReadBits: k * w * a * (rows * columnGroups + columns * rowGroups));
        }
    }

    // Rows (or columns) whose operand fills a buffer of E words, in whole groups of the array's side.
    private long TileExtent(int side, long words, int bits) => side * Math.Max(1, _p.BufferEntries / (words * bits));

    private static long CeilDiv(long value, long divisor) => (value + divisor - 1) / divisor;

    private readonly record struct Totals(
        long WeightStationary, long ActivationStationary, long Compute, long WeightFetch, long ActivationFetch,
        long WeightEntries, long ActivationEntries, long SramReadBits)
    {
        public Totals Plus(in Totals other, long times) => checked(new Totals(
            WeightStationary + other.WeightStationary * times, ActivationStationary + other.ActivationStationary * times,
            Compute + other.Compute * times, WeightFetch + other.WeightFetch * times, ActivationFetch + other.ActivationFetch * times,
            WeightEntries + other.WeightEntries * times, ActivationEntries + other.ActivationEntries * times,
            SramReadBits + other.SramReadBits * times));
    }
}

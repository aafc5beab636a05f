namespace Haq.Engine.Quantization.Calibration;

/// <summary>Ways to find ranges at widths that nobody asked for when ranges were chosen: chosen where one is met after all, to what would have been chosen before. Safe for concurrent use.</summary>
/// <param name="known">Widths that were chosen for.</param>
/// <param name="choose">Chooses for a width.</param>
internal sealed class LaterRanges(IReadOnlyCollection<int> known, Func<int, IReadOnlyDictionary<(string Tensor, int Bits), RangeMethod>> choose)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, IReadOnlyDictionary<(string Tensor, int Bits), RangeMethod>> _chosen = [];

    /// <summary>The way for a tensor at a width; null where the usual one is as good, or the width was chosen for.</summary>
    public RangeMethod? Find(string tensor, int bits)
    {
        if (!RangeChooser.Widths.Contains(bits) || known.Contains(bits)) return null;
        lock (_lock)
        {
            if (!_chosen.TryGetValue(bits, out var choices)) _chosen[bits] = choices = choose(bits);
            return choices.TryGetValue((tensor, bits), out var method) ? method : null;
        }
    }
}

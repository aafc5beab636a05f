namespace Haq.Engine.Reporting.Html;

/// <summary>Maps values to 0..1 along one axis and says where its ticks are.</summary>
internal sealed class Axis
{
    private readonly double _low;
    private readonly double _high;
    private readonly bool _log;

    private Axis(double low, double high, bool log, IReadOnlyList<double> ticks) => (_low, _high, _log, Ticks) = (low, high, log, ticks);

    /// <summary>Values with a grid line and a label, ascending.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>An axis that holds all of <paramref name="values"/>, its ends on round numbers. Not finite values are left out.</summary>
    /// <param name="values">What will be drawn.</param>
    /// <param name="ticks">About how many ticks.</param>
    /// <param name="whole">The values count something: no ticks between whole numbers.</param>
    /// <param name="most">What no value can exceed: 100 of percentages.</param>
    public static Axis Linear(IEnumerable<double> values, int ticks = 5, bool whole = false, double most = double.PositiveInfinity)
    {
        var (low, high) = Extent(values);
        if (high - low <= Math.Abs(high) * 1e-9)
        {
            double around = high == 0 ? 1 : Math.Abs(high) * 0.1;
            (low, high) = (low - around, Math.Min(high + around, most));
        }
        double step = RoundStep((high - low) / ticks);
        if (whole) step = Math.Max(1, Math.Round(step));
        double first = Math.Floor(low / step), last = Math.Ceiling(high / step);
        var marks = new List<double>();
        for (double i = first; i <= last; i++) marks.Add(i * step);
        return new Axis(first * step, last * step, false, marks);
    }

    /// <summary>A logarithmic axis over the positive values; ticks at powers of ten, and at 2 and 5 of them where those are few.</summary>
    public static Axis Logarithmic(IEnumerable<double> values)
    {
        var (low, high) = Extent(values.Where(v => v > 0));
        if (low <= 0) (low, high) = (1, 10);
        double decades = Math.Log10(high / low);
        double[] within = decades > 3 ? [1] : decades > 1.5 ? [1, 3] : decades > 0.7 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8];
        // Decades are stepped over where there are so many that their labels would collide.
        int every = Math.Max(1, (int)Math.Ceiling(decades / 8));
        var marks = new List<double>();
        int start = (int)Math.Floor(Math.Log10(low)) - every, end = (int)Math.Ceiling(Math.Log10(high)) + every;
        for (int power = start; power <= end; power++)
            if (power % every == 0) marks.AddRange(within.Select(w => w * Math.Pow(10, power)));
        double bottom = marks.LastOrDefault(m => m <= low * (1 + 1e-9), marks[0]), top = marks.FirstOrDefault(m => m >= high * (1 - 1e-9), marks[^1]);
        if (bottom == top) (bottom, top) = (bottom / 2, top * 2);
        return new Axis(Math.Log10(bottom), Math.Log10(top), true, [.. marks.Where(m => m >= bottom * (1 - 1e-9) && m <= top * (1 + 1e-9))]);
    }

    /// <summary>0 at the low end, 1 at the high end; beyond where the value is.</summary>
    public double At(double value) => ((_log ? Math.Log10(value) : value) - _low) / (_high - _low);

    /// <summary>The value there: the inverse of <see cref="At"/>.</summary>
    public double ValueAt(double share)
    {
        double value = _low + share * (_high - _low);
        return _log ? Math.Pow(10, value) : value;
    }

    private static (double Low, double High) Extent(IEnumerable<double> values)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (double value in values)
        {
            if (!double.IsFinite(value)) continue;
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }
        return low > high ? (0, 1) : (low, high);
    }

    private static double RoundStep(double rough)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double mantissa = rough / power;
        return (mantissa <= 1 ? 1 : mantissa <= 2 ? 2 : mantissa <= 2.5 ? 2.5 : mantissa <= 5 ? 5 : 10) * power;
    }
}

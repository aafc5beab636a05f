namespace Haq.Engine.Search.Regions;

/// <summary>What a border costs that was not seen, from those that were: so much a call and so much an element, by least squares, pulled towards what was assumed while few are known.</summary>
internal sealed class BorderModel(double perCall, double perElement)
{
    // The assumption counts as two borders, one of them small.
    private const double Small = 1e3, Large = 1e5;

    private readonly List<(double Elements, double Seconds)> _seen = [(Small, perCall + Small * perElement), (Large, perCall + Large * perElement)];

    public void Add(long elements, double seconds) => _seen.Add((elements, seconds));

    public double Of(long elements)
    {
        // Relative errors count: a small border is not drowned by large ones.
        double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
        foreach (var (x, y) in _seen)
        {
            double weight = 1 / Math.Pow(Math.Max(y, 1e-7), 2);
            w += weight;
            wx += weight * x;
            wy += weight * y;
            wxx += weight * x * x;
            wxy += weight * x * y;
        }
        double determinant = w * wxx - wx * wx;
        double slope = determinant > 0 ? Math.Max(0, (w * wxy - wx * wy) / determinant) : 0;
        return Math.Max(perCall / 4, (wy - slope * wx) / w + slope * elements);
    }
}

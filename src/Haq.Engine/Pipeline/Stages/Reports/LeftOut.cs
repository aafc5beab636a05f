using System.Globalization;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>What a report did not measure because its time was over.</summary>
internal sealed class LeftOut
{
    private readonly List<string> _what = [];

    /// <summary>Something was left out.</summary>
    public void Add(string what) => _what.Add(what);

    /// <summary>Only some of something was measured.</summary>
    public void Add(string what, int measured, int all)
    {
        if (measured < all) _what.Add(string.Create(CultureInfo.InvariantCulture, $"{what} ({measured} of {all} measured)"));
    }

    /// <summary>One sentence and what to do; null where nothing was left out.</summary>
    public string? Text => _what.Count == 0 ? null
        : $"Left out, so that the build does not wait for it: {string.Join(", ", _what)}. 'haq report --full' measures the rest from what is in the cache.";
}

using Haq.Engine.Search;

namespace Haq.Engine.Tests.Search;

/// <summary>Keeps every step, at once and in order.</summary>
internal sealed class StepRecorder : IProgress<SearchStep>
{
    public List<SearchStep> Steps { get; } = [];

    public Action<int>? After { get; init; }

    public void Report(SearchStep value)
    {
        Steps.Add(value);
        After?.Invoke(Steps.Count);
    }
}

namespace Haq.Benchmarks.Steps;

/// <summary>Something that learns a step at a time.</summary>
internal interface ITrainingStep : IDisposable
{
    /// <summary>One step.</summary>
    void Step();
}

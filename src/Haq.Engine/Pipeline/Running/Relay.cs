namespace Haq.Engine.Pipeline.Running;

/// <summary>Passes progress on at once, on the reporting thread.</summary>
internal sealed class Relay<T>(Action<T> handler) : IProgress<T>
{
    public void Report(T value) => handler(value);
}

using Microsoft.Extensions.Logging;

namespace Haq.Cluster.Workers;

/// <summary>Passes on what Orleans says of errors, each once; the rest is its own business.</summary>
internal sealed class OrleansLog(IProgress<string> log) : ILoggerProvider
{
    private const int MostKinds = 1000;

    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose() { }

    private void Say(string category, string message)
    {
        string line = $"{category[(category.LastIndexOf('.') + 1)..]}: {message.Split('\n')[0].Trim()}";
        // The same with another number or time is no news.
        string kind = string.Concat(line.Where(c => !char.IsAsciiDigit(c)));
        lock (_said)
            if (_said.Count >= MostKinds || !_said.Add(kind)) return;
        log.Report(line);
    }

    private sealed class Category(OrleansLog owner, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) owner.Say(name, formatter(state, exception));
        }
    }
}

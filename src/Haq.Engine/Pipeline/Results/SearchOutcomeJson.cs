using System.Text.Json.Serialization;

namespace Haq.Engine.Pipeline.Results;

/// <summary>Serialization without reflection.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(SearchOutcome))]
[JsonSerializable(typeof(ScoreRecord))]
[JsonSerializable(typeof(DeviceTimes))]
[JsonSerializable(typeof(Results.Mended))]
internal sealed partial class SearchOutcomeJson : JsonSerializerContext;

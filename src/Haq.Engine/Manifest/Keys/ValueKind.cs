using System.Text.Json.Nodes;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary>A kind of value: how it is read, and how a JSON Schema describes it.</summary>
/// <param name="Read">Converts, or throws an error that points at the value.</param>
/// <param name="Schema">A fresh JSON Schema (draft-07) of what <paramref name="Read"/> takes.</param>
/// <param name="Form">What may be written, in a few words, for templates and documentation.</param>
internal sealed record ValueKind<T>(Func<YamlValue, T> Read, Func<JsonObject> Schema, string Form);

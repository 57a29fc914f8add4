using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The methods that set the agent, the model and other options of a session.</summary>
internal sealed class SettingMethods(AgentContext context)
{
    private readonly Dialect _dialect = context.Dialect;
    private readonly Catalog _catalog = context.Catalog;

    public async Task SetModeAsync(string requestId, JsonElement parameters)
    {
        AcpSession session = context.Sessions.Get(parameters);
        await ChooseAgentAsync(requestId, session, parameters.String("modeId")).ConfigureAwait(false);
        context.Wire.Respond(requestId);
    }

    public async Task SetModelAsync(string requestId, JsonElement parameters)
    {
        AcpSession session = context.Sessions.Get(parameters);
        await ChooseModelAsync(requestId, session, parameters.String("modelId")).ConfigureAwait(false);
        context.Wire.Respond(requestId);
    }

    public async Task SetConfigOptionAsync(string requestId, JsonElement parameters)
    {
        AcpSession session = context.Sessions.Get(parameters);
        string option = parameters.String("configId");
        string value = parameters.String("value");
        if (option == "mode")
            await ChooseAgentAsync(requestId, session, value).ConfigureAwait(false);
        else if (option == "model")
            await ChooseModelAsync(requestId, session, value).ConfigureAwait(false);
        else
            SetOther(session, option, value);
        _dialect.BeforeOptions(session);
        context.Wire.Respond(requestId, json => _dialect.WriteOptions(json, session));
    }

    /// <summary>Other options are taken, whatever their value is.</summary>
    private void SetOther(AcpSession session, string option, string value)
    {
        context.Log.Write("set_option", session.Id, $"{option}={value}");
        session.Options[option] = value;
    }

    private async ValueTask ChooseAgentAsync(string requestId, AcpSession session, string name)
    {
        context.Log.Write("set_mode", session.Id, name);
        Fault[] faults = context.Faults.Take(FaultPoint.SetMode);
        await new FaultStep(context, FaultPoint.SetMode, requestId, null).PlayAsync(faults).ConfigureAwait(false);
        if (faults.Any(fault => fault.Do == FaultKind.SilentFallback))
            return;
        if (_catalog.HasAgent(name))
            session.Mode = name;
        else if (context.IsV3)
            _dialect.NotFound(session.Id, "agent", name, session.Mode);
        else
            throw RpcException.Internal($"Mode '{name}' not found");
    }

    private async ValueTask ChooseModelAsync(string requestId, AcpSession session, string name)
    {
        context.Log.Write("set_model", session.Id, name);
        Fault[] faults = context.Faults.Take(FaultPoint.SetModel);
        await new FaultStep(context, FaultPoint.SetModel, requestId, null).PlayAsync(faults).ConfigureAwait(false);
        if (faults.Any(fault => fault.Do == FaultKind.SilentFallback))
            return;
        session.Model = _dialect.Choose(session, name);
    }
}
